import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createContext } from "../../src/context.ts";
import { lines } from "../../src/stack/lines.ts";

let projectDir = "";
beforeAll(async () => {
  projectDir = await mkdtemp(join(tmpdir(), "context-"));
  await writeFile(join(projectDir, "stack.yaml"), "project: of-file\nbucket: of-file\n");
});
afterAll(async () => {
  await rm(projectDir, { recursive: true });
});

function contextOf(dir: string) {
  return createContext({
    projectDir: dir,
    flags: { bucket: "of-flag" },
    env: { STACK_PORT_S3: "19000" },
    emit: () => undefined,
    signal: new AbortController().signal,
  });
}

test("the project is read from its folder, the environment and flags", async () => {
  const { spec } = await contextOf(projectDir).project();
  expect(spec).toMatchObject({ project: "of-file", bucket: "of-flag", ports: { s3: 19_000 } });
});

test("each part is made once", async () => {
  const context = contextOf(projectDir);
  expect(await context.files()).toBe(await context.files());
  expect(await context.project()).toBe(await context.project());
  expect(await context.system()).toBe(await context.system());
});

test("the recipes that ship with the tool are found", async () => {
  const bundled = await contextOf(projectDir).bundled();
  await expect(bundled.imageDigest("base")).resolves.toMatch(/^[0-9a-f]{64}$/u);
  for (const line of lines) {
    await expect(bundled.dagFiles(line)).resolves.toContain("mlflow_tutorial_dag.py");
  }
});

test("a folder that isn't there is noticed by the first who needs it", async () => {
  const context = contextOf(join(projectDir, "missing"));
  await expect(context.project()).rejects.toMatchObject({ code: "CONFIG_NOT_FOUND", status: 2 });
});
