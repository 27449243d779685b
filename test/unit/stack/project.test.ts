import { describe, expect, test } from "vitest";
import { appliedSpec, openProject } from "../../../src/stack/project.ts";
import { ensureStackFolder, writeState, type StackState } from "../../../src/stack/stack-folder.ts";
import { createFakeFiles } from "../../support/fake-files.ts";

const state: StackState = {
  project: "old-name",
  applied: "digest",
  settled: "",
  ports: { airflow: 1, mlflow: 2, s3: 3, console: 4 },
  moved: {},
  bucket: "old-bucket",
  layout: "separate",
  line: "classic",
  mlflow: { mode: "local" },
  isStopping: false,
};

async function nameIn(dir: string): Promise<string> {
  return (await openProject(createFakeFiles({}, dir), {}, {})).spec.project;
}

describe("a project without a name of its own", () => {
  test.each([
    ["/home/user/housing", /^housing-[0-9a-f]{4}$/u],
    ["/home/user/My Project (2)!", /^my-project-2--[0-9a-f]{4}$/u],
    ["/home/user/_x", /^x-[0-9a-f]{4}$/u],
    ["/home/user/проект", /^stack-[0-9a-f]{4}$/u],
    ["/home/user/...", /^stack-[0-9a-f]{4}$/u],
    [`/home/user/${"a".repeat(80)}`, /^a{32}-[0-9a-f]{4}$/u],
  ])("is called after its folder, so that Compose takes it: %s", async (dir, name) => {
    const project = await nameIn(dir);
    expect(project).toMatch(name);
    expect(project).toMatch(/^[a-z0-9][a-z0-9_-]{0,39}$/u);
  });

  test("has another name in another folder of the same name", async () => {
    await expect(nameIn("/a/housing")).resolves.not.toBe(await nameIn("/b/housing"));
  });

  test("keeps its name when the folder moves, because its data has it", async () => {
    const files = createFakeFiles({}, "/new/place");
    await ensureStackFolder(files);
    await writeState(files, state);
    await expect(openProject(files, {}, {})).resolves.toMatchObject({ spec: { project: "old-name" }, state });
  });
});

test("opening a project touches nothing", async () => {
  const files = createFakeFiles({ "stack.yaml": "project: housing\n" });
  const before = files.snapshot();
  await openProject(files, {}, {});
  expect(files.snapshot()).toEqual(before);
  expect(files.dirs.size).toBe(0);
});

test("a mistake in stack.yaml is refused by the file's name", async () => {
  const files = createFakeFiles({ "stack.yaml": "bucket: X\n" });
  await expect(openProject(files, {}, {})).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringMatching(/^stack\.yaml:1:9: bucket: /u),
  });
});

describe("commands that look at the running stack", () => {
  test("go by what the last up applied, whatever stack.yaml says by now", async () => {
    const files = createFakeFiles({ "stack.yaml": "project: new\nbucket: new-bucket\nports: { s3: 9 }\n" });
    await ensureStackFolder(files);
    await writeState(files, state);
    expect(appliedSpec(await openProject(files, {}, {}))).toMatchObject({
      project: "old-name",
      bucket: "old-bucket",
      ports: state.ports,
      airflow: { layout: "separate" },
    });
  });

  test("go by the settings before the first up", async () => {
    const project = await openProject(createFakeFiles({ "stack.yaml": "project: new\n" }), {}, {});
    expect(appliedSpec(project)).toEqual(project.spec);
  });
});
