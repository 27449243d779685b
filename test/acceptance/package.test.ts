import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { output, repository, run } from "../support/run.ts";
import { stubProgram } from "../support/stub-program.ts";
import { createTestProject, type TestProject } from "../support/test-project.ts";

/* What `make install` gives: the package as it is published, with its dependencies, away from the repository. */
describe("the installed package", () => {
  let home: string;
  let project: TestProject;
  const installed = async (...args: string[]) =>
    await run(join(home, "bin", "stack"), args, { cwd: project.dir });

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "stack-installed-"));
    project = await createTestProject("installed");
    await output("scripts/install.sh", ["--prefix", home], repository);
  });
  afterAll(async () => {
    await project.dispose();
    await rm(home, { recursive: true, force: true });
  });

  test.each([
    [
      "describes the very stack, and would use the very images, that the repository does",
      ["up", "--dry-run"],
    ],
    ["brings the DAGs that can be seeded", ["seed", "--list", "--json"]],
  ])("%s", async (_, args) => {
    const { status, stdout, stderr } = await installed(...args);
    expect(status, stderr).toBe(0);
    expect(stdout).toBe((await project.stack(...args)).stdout);
  });

  test.each(["v22.11.0", "v9.11.2", ""])("is not installed for a Node that says %j", async (version) => {
    const node = await stubProgram("node", `echo "${version}"`);
    const { status, stderr } = await run("scripts/install.sh", [], {
      cwd: repository,
      env: { ...process.env, PATH: node.path },
    });
    await node.dispose();
    expect(stderr).toContain("Node 22.12.0 or newer");
    expect(status).toBe(3);
  });

  test("has the version of its package", async () => {
    const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
      version: string;
    };
    expect((await installed("--version")).stdout).toBe(`${version}\n`);
  });
});
