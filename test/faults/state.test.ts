import { readdirSync, readFileSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { DoctorReport } from "../../src/stack/doctor/doctor.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import { damage, damages, protect } from "../support/damage.ts";
import { noteShown } from "../support/fault-log.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { provideHousing } from "../support/housing.ts";
import { output } from "../support/run.ts";
import { cli, type Failure } from "../support/test-project.ts";

/** What the stack's folder holds, and whether a second `up` has it as it was. */
const files = {
  ".env": "restored",
  ".gitignore": "restored",
  "build/Dockerfile": "unused until the next build",
  "build/Dockerfile.dockerignore": "unused until the next build",
  "certificates/ca-certificates.crt": "restored",
  "check.yaml": "restored by `dags check`",
  "compose.yaml": "restored",
  "state.json": "restored",
  "timings.json": "begun anew by the next start",
} as const;
type Name = keyof typeof files;
const names = Object.keys(files) as Name[];
const restored = names.filter((name) => files[name] === "restored");
/** What a project's own image is built by, written when there is something new to build. */
const recipe = ["build/Dockerfile", "build/Dockerfile.dockerignore"] as const;

/** What a command that only looks says about a file that isn't as it should be. */
const toldOf: Partial<Record<Name, unknown>> = {
  ".env": expect.objectContaining({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(".stack/.env"),
    hint: expect.stringContaining("stack up"),
  }),
};
/** By a command that only looks. */
const namedWithinMs = 5000;

/* A generated folder of which a file is cut short, emptied, overwritten, gone or can't be written to. */
describe("a stack whose folder is damaged", () => {
  let stack: FaultStack;
  const path = (name: string): string => stack.path(".stack", name);
  const textOf = async (name: string): Promise<string> => await readFile(path(name), "utf8");
  const listed = (): readonly string[] =>
    readdirSync(path("."), { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(path(name)).isFile())
      .toSorted();

  /** All is there again after this, and no container was replaced for it. */
  const expectHealed = async (work: () => Promise<void>): Promise<void> => {
    const before = await stack.containers();
    await work();
    await stack.expectWhole();
    expect(await stack.containers()).toEqual(before);
  };
  /** `up` says which file was lost. */
  const expectTold = async (name: Name, kind: string): Promise<void> => {
    const beganMs = Date.now();
    const { stderr } = await stack.stack("up");
    const line = stderr.split("\n").find((one) => one.includes(`.stack/${name} `)) ?? "";
    noteShown(line, Date.now() - beganMs);
    const isMemory = name === ".env" || name === "state.json";
    const words = isMemory
      ? `is ${kind === "missing" ? "gone" : "damaged"}; `
      : "was not as the last `stack up` left it";
    expect(line).toContain(`.stack/${name} ${words}`);
  };
  /** `up` says which file it can't write, why, and what to do. */
  const expectUnwritable = async (name: Name, ...args: readonly string[]): Promise<void> => {
    const error = await stack.expectFailure("FILE_UNWRITABLE", ...args);
    expect(error.facts).toMatchObject({ path: `.stack/${name}` });
    expect(error.facts["reason"]).toMatch(/^(?:EPERM|EBUSY)$/u);
    expect(error.message).toContain(path(name));
    expect(error.hint).toContain(path(name));
  };

  beforeAll(async () => {
    stack = await createFaultStack("state", undefined, async (project) => {
      // A layer of the project's own, so that there is a recipe of it; one that no earlier run has left built.
      const text = `FROM apache/airflow:3.1.0\nLABEL of.the.test=${project.name}\n`;
      await writeFile(project.path("Dockerfile"), text);
    });
    await output(process.execPath, [cli, "dags", "check", "--project-dir", stack.dir]);
  });
  afterAll(async () => {
    await stack.dispose();
  });

  test("is looked at here with all that it holds", () => {
    expect(listed()).toEqual(names);
  });

  describe.each(names)("%s", (name) => {
    test.each(damages)("%s", async (kind) => {
      const before = await textOf(name);
      await expectHealed(async () => {
        await damage(path(name), kind);
        const beganMs = Date.now();
        const { json } = await stack.stackJson<StatusReport & Partial<Failure>>("status");
        expect(Date.now() - beganMs).toBeLessThan(namedWithinMs);
        expect(json.services.filter(({ state }) => state !== "healthy")).toEqual([]);
        expect(json.error).toEqual(toldOf[name]);
        if (files[name] === "restored") await expectTold(name, kind);
      });
      if (files[name] !== "restored") await writeFile(path(name), before);
      expect(await textOf(name)).toBe(before);
    });
  });

  test.each(restored)("emptied and protected against changes: %s", async (name) => {
    const before = await textOf(name);
    await expectHealed(async () => {
      await damage(path(name), "emptied");
      const release = await protect(path(name));
      try {
        await expectUnwritable(name, "up");
      } finally {
        await release();
      }
    });
    expect(await textOf(name)).toBe(before);
  });

  test.each(recipe)("with a recipe whose %s can't be written builds no image of it", async (name) => {
    const dockerfile = await readFile(stack.path("Dockerfile"), "utf8");
    const before = await Promise.all(recipe.map(textOf));
    await expectHealed(async () => {
      await damage(path(name), "emptied");
      const release = await protect(path(name));
      try {
        await writeFile(stack.path("Dockerfile"), `${dockerfile}LABEL of.the.test.again=state\n`);
        await expectUnwritable(name, "up");
        expect((await stack.stack("status")).status).toBe(0);
      } finally {
        await release();
        await writeFile(stack.path("Dockerfile"), dockerfile);
      }
    });
    for (const [index, one] of recipe.entries()) await writeFile(path(one), before[index] ?? "");
  });

  test("with a file of `dags check` that can't be written imports nothing by what lies there", async () => {
    const before = await textOf("check.yaml");
    await expectHealed(async () => {
      await damage(path("check.yaml"), "emptied");
      const release = await protect(path("check.yaml"));
      try {
        await expectUnwritable("check.yaml", "dags", "check");
      } finally {
        await release();
      }
    });
    expect((await stack.stack("dags", "check")).status).toBe(0);
    expect(await textOf("check.yaml")).toBe(before);
  });

  test("as it should be and protected needs no write", async () => {
    const releases: (() => Promise<void>)[] = [];
    for (const name of names) releases.push(await protect(path(name)));
    try {
      await expectHealed(async () => undefined);
      const { checks } = (await stack.stackJson<DoctorReport>("doctor")).json;
      expect(checks.find(({ name }) => name === "project files")).toMatchObject({
        outcome: "failure",
        fix: expect.stringMatching(/chattr|findmnt/u) as string,
      });
    } finally {
      for (const release of releases) await release();
    }
  });

  test("keeps no secret from being used that is lost to `seed`, which says so", async () => {
    await damage(path(".env"), "missing");
    const error = await stack.expectFailure("CONFIG_INVALID", "seed");
    expect(error.message).toContain(".stack/.env: is gone");
    expect(error.hint).toContain("stack up");
    await stack.expectWhole();
  });

  test("lets `seed` work without a compose file that can be read", async () => {
    const housing = await provideHousing(stack.dir);
    await damage(path("compose.yaml"), "corrupted");
    const seeded = await stack.stackJson<Partial<Failure>>("seed", "--no-run", "--dataset", housing.path);
    expect(seeded.json.error).toBeUndefined();
    expect(seeded.status).toBe(0);
    await stack.expectWhole();
  });

  test("has `dags check` write its file anew", async () => {
    const before = await textOf("check.yaml");
    await damage(path("check.yaml"), "truncated");
    expect((await stack.stack("dags", "check")).status).toBe(0);
    expect(await textOf("check.yaml")).toBe(before);
  });

  test("tells `timings` that what was recorded is lost", async () => {
    await damage(path("timings.json"), "corrupted");
    const error = await stack.expectFailure("STACK_NOT_RUNNING", "timings");
    expect(error.message).toContain(".stack/timings.json was lost");
    expect(error.hint).toContain("`stack down`");
  });

  test("is named by `doctor`", async () => {
    await damage(path("state.json"), "truncated");
    await damage(path(".env"), "truncated");
    const { json } = await stack.stackJson<DoctorReport>("doctor");
    expect(json.checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "state", outcome: "warning", fix: "stack up" }),
        expect.objectContaining({ name: "secrets", outcome: "failure", fix: "stack up" }),
      ]),
    );
    await stack.expectWhole();
  });

  test.each(["", "nobody knows what\n", "999999:1:up"])("with a lock that isn't one: %j", async (text) => {
    await writeFile(path("lock"), text);
    await expectHealed(async () => undefined);
    expect(listed()).not.toContain("lock");
  });

  test("replaces no secret that it can't write down", async () => {
    const before = await textOf(".env");
    await expectHealed(async () => {
      const release = await protect(path(".env"));
      try {
        await expectUnwritable(".env", "secrets", "rotate");
      } finally {
        await release();
      }
      expect(await textOf(".env")).toBe(before);
    });
  });

  test("goes on from where a change of secrets stopped, that could not be noted", async () => {
    const before = await textOf(".env");
    const release = await protect(path("state.json"));
    try {
      await expectUnwritable("state.json", "secrets", "rotate");
    } finally {
      await release();
    }
    expect(await textOf(".env")).not.toBe(before);
    await stack.expectWhole();
  });

  test("applies no setting that it can't write down, and what runs goes on", async () => {
    const settings = await readFile(stack.path("stack.yaml"), "utf8");
    const before = await stack.containers();
    const release = await protect(path("compose.yaml"));
    try {
      await writeFile(
        stack.path("stack.yaml"),
        settings + stringify({ env: { minio: { OF_THE_TEST: "x" } } }),
      );
      await expectUnwritable("compose.yaml", "up");
      expect(await stack.containers()).toEqual(before);
      expect((await stack.stack("status")).status).toBe(0);
    } finally {
      await release();
      await writeFile(stack.path("stack.yaml"), settings);
    }
    await stack.expectWhole();
  });

  test("comes up from rest with all but its secrets damaged, and with times that can't be kept", async () => {
    expect((await stack.stack("down")).status).toBe(0);
    const kinds = [...damages, ...damages, ...damages];
    for (const [index, name] of names.entries()) {
      if (name !== ".env" && name !== "timings.json") await damage(path(name), kinds[index] ?? "emptied");
    }
    const release = await protect(path("timings.json"));
    try {
      const { stderr } = await stack.stack("up");
      expect(stderr).toContain("the time that this start took is not kept: .stack/timings.json");
    } finally {
      await release();
    }
    await stack.expectWhole();
  });

  test("comes up from rest without any of it, with other secrets", async () => {
    const before = readFileSync(path(".env"), "utf8");
    expect((await stack.stack("down")).status).toBe(0);
    await rm(path("."), { recursive: true });
    await stack.expectWhole();
    expect(await textOf(".env")).not.toBe(before);
  });
});
