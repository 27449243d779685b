import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { DoctorReport } from "../../src/stack/doctor/doctor.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { createFaultStack, strayProcesses, type FaultStack } from "../support/fault-stack.ts";
import { docker, dockerLines, run } from "../support/run.ts";
import { settingsText, type Failure } from "../support/test-project.ts";

/* Images that someone removes from the engine behind the stack's back. But for PostgreSQL's, which comes back in seconds, none of them is another stack's. */
describe("a stack whose images are removed", () => {
  let stack: FaultStack;
  // Nothing answers there, so that nobody has it.
  const elsewhere = `localhost:1/of-the-test/postgres:${process.pid}`;

  const imageOf = async (service: string): Promise<string> => {
    const file = parse(await readFile(stack.path(".stack", "compose.yaml"), "utf8")) as {
      readonly services: Readonly<Record<string, { readonly image: string }>>;
    };
    return file.services[service]?.image ?? "";
  };
  const isThere = async (image: string): Promise<boolean> =>
    (await dockerLines("images", "--quiet", image)).length > 0;
  const remove = async (image: string): Promise<void> => {
    await docker("rmi", "--force", image);
    expect(await isThere(image)).toBe(false);
  };
  /** Warned of, with what helps; no reason for `doctor` to fail. */
  const expectWarning = async (name: string, text: RegExp, fix: string): Promise<void> => {
    const { json } = await stack.stackJson<DoctorReport>("doctor");
    const check = json.checks.find((one) => one.name === `image ${name}`);
    expect(check).toMatchObject({ outcome: "warning", fix });
    expect(check?.text).toMatch(text);
  };

  beforeAll(async () => {
    stack = await createFaultStack("images", undefined, async (project) => {
      // The project's own image, which no other project has.
      const text = `FROM apache/airflow:3.1.0\nLABEL of.the.test=${project.name}\n`;
      await writeFile(project.path("Dockerfile"), text);
    });
  });
  afterAll(async () => {
    const image = await imageOf("airflow");
    await stack.dispose();
    for (const own of [image, elsewhere]) if (await isThere(own)) await docker("rmi", own);
  });

  test("goes on while it runs; `doctor` tells, and `up` builds it again", async () => {
    const image = await imageOf("airflow");
    await remove(image);
    expect((await stack.stack("status")).status).toBe(0);
    await expectWarning("project", /has to be built/u, "stack up");
    expect((await stack.stack("seed")).status).toBe(0);
    const { json } = await stack.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(json.builtImages).toEqual(["project"]);
    expect(await isThere(image)).toBe(true);
    await stack.expectWhole();
  });

  test("is refused by `up --no-build` at rest, and built by `up`", async () => {
    const image = await imageOf("airflow");
    expect((await stack.stack("down")).status).toBe(0);
    await remove(image);
    await stack.expectFailure("STACK_NOT_RUNNING", "status");
    await expectWarning("project", /has to be built/u, "stack up");
    const error = await stack.expectFailure("IMAGE_UNAVAILABLE", "up", "--no-build");
    expect(error.message).toContain("project");
    expect(error.hint).toContain("without --no-build");
    await stack.expectWhole();
    expect(await isThere(image)).toBe(true);
  });

  test("of which one is the stack's own is built again by `up`", async () => {
    const image = await imageOf("postgres");
    expect((await stack.stack("down")).status).toBe(0);
    await remove(image);
    await expectWarning("postgres", /has to be built/u, "stack up");
    const { json } = await stack.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(json.builtImages).toEqual(["postgres"]);
    expect(await isThere(image)).toBe(true);
    await stack.expectWhole();
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s in the middle of a build ends it, and what runs goes on",
    async (signal) => {
      const before = await readFile(stack.path("Dockerfile"), "utf8");
      const seconds = `${600 + (process.pid % 300)}`;
      await writeFile(
        stack.path("Dockerfile"),
        `${before}RUN echo ${stack.name}-${signal} && sleep ${seconds}\n`,
      );
      const sleepers = async (): Promise<string> =>
        (await run("pgrep", ["--full", `^sleep ${seconds}$`])).stdout;
      const containers = await stack.containers();
      const command = stack.spawn("up", "--json");
      await expect.poll(sleepers, { timeout: 60_000 }).not.toBe("");
      await stack.expectStopped(command, signal);
      await expect.poll(sleepers, { timeout: 2000 }).toBe("");
      expect(await strayProcesses(stack)).toEqual([]);
      expect(await stack.containers()).toEqual(containers);
      expect((await stack.stack("status")).status).toBe(0);
      await writeFile(stack.path("Dockerfile"), before);
      await stack.expectWhole();
    },
  );

  test("names one of the user's own that is gone and nowhere to be had, and what runs goes on", async () => {
    const shared = await imageOf("postgres");
    await docker("tag", shared, elsewhere);
    const settings = settingsText(stack.name, stack.ports, `images: { postgres: "${elsewhere}" }\n`);
    await writeFile(stack.path("stack.yaml"), settings);
    await stack.expectWhole();
    const before = await stack.containers();

    await remove(elsewhere);
    expect((await stack.stack("status")).status).toBe(0);
    await expectWarning(elsewhere, /not on the engine/u, `docker pull ${elsewhere}`);
    const beganMs = Date.now();
    const error = await stack.expectFailure("IMAGE_UNAVAILABLE", "up");
    expect(Date.now() - beganMs).toBeLessThan(10_000);
    expect(error.message).toContain(elsewhere);
    expect(error.hint).toContain("`images` in stack.yaml");
    expect(await stack.containers()).toEqual(before);
    expect((await stack.stack("status")).status).toBe(0);

    // As the hint has it: without the setting, the stack's own image is used.
    await writeFile(stack.path("stack.yaml"), settingsText(stack.name, stack.ports));
    await stack.expectWhole();
    expect(await imageOf("postgres")).toBe(shared);
  });
});
