import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBundledFiles } from "../../../src/adapters/bundled-files.ts";

let root = "";
const inImage = (...parts: string[]): string => join(root, "compose", "images", "mlflow", ...parts);
const digest = async (): Promise<string> => await createBundledFiles(root).imageDigest("mlflow");

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bundled-"));
  await mkdir(inImage("sub"), { recursive: true });
  await writeFile(inImage("Dockerfile"), "FROM base\n", { mode: 0o644 });
  await writeFile(inImage("sub", "entrypoint.sh"), "#!/bin/sh\n", { mode: 0o755 });
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

describe("the digest of a recipe", () => {
  test("is the same for the same files elsewhere", async () => {
    const here = await digest();
    const elsewhere = await mkdtemp(join(tmpdir(), "bundled-"));
    await cp(root, elsewhere, { recursive: true });
    await expect(createBundledFiles(elsewhere).imageDigest("mlflow")).resolves.toBe(here);
    await rm(elsewhere, { recursive: true });
  });

  test("is the same under another umask", async () => {
    const before = await digest();
    await chmod(inImage("Dockerfile"), 0o600);
    await chmod(inImage("sub", "entrypoint.sh"), 0o700);
    await expect(digest()).resolves.toBe(before);
  });

  test.each<[string, () => Promise<void>]>([
    ["content", async () => await writeFile(inImage("Dockerfile"), "FROM other\n")],
    ["right to execute", async () => await chmod(inImage("sub", "entrypoint.sh"), 0o644)],
    ["name", async () => await cp(inImage("Dockerfile"), inImage("Containerfile"))],
    ["place", async () => await cp(inImage("Dockerfile"), inImage("sub", "Dockerfile"))],
  ])("changes with a file's %s", async (_, change) => {
    const before = await digest();
    await change();
    await expect(digest()).resolves.not.toBe(before);
  });

  test("can't be fooled by moving a line from one file to the next", async () => {
    await writeFile(inImage("a"), "1\n2\n");
    await writeFile(inImage("b"), "");
    const before = await digest();
    await writeFile(inImage("a"), "1\n");
    await writeFile(inImage("b"), "2\n");
    await expect(digest()).resolves.not.toBe(before);
  });

  test.each(["tests", "__pycache__", ".pytest_cache"])(
    "leaves out %s, which don't reach the image",
    async (folder) => {
      const before = await digest();
      await mkdir(inImage("sub", folder));
      await writeFile(inImage("sub", folder, "file"), "content");
      await expect(digest()).resolves.toBe(before);
    },
  );
});

test("DAG files are listed in order, without what isn't one, and each line has its own", async () => {
  await mkdir(join(root, "dags", "classic"), { recursive: true });
  await writeFile(join(root, "dags", "classic", "a.py"), "the old a");
  for (const name of ["b.py", "a.py", "README.md"]) await writeFile(join(root, "dags", name), name);
  const bundled = createBundledFiles(root);
  await expect(bundled.dagFiles("current")).resolves.toEqual(["a.py", "b.py"]);
  await expect(bundled.dagFile("a.py", "current")).resolves.toBe("a.py");
  await expect(bundled.dagFiles("classic")).resolves.toEqual(["a.py"]);
  await expect(bundled.dagFile("a.py", "classic")).resolves.toBe("the old a");
});

test("the programs that seed are read from their folder", async () => {
  await mkdir(join(root, "compose", "seed"), { recursive: true });
  await writeFile(join(root, "compose", "seed", "install.py"), "print()");
  await expect(createBundledFiles(root).seedProgram("install.py")).resolves.toBe("print()");
});
