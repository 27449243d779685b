import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createProjectFiles } from "../../src/adapters/project-files.ts";
import { createFakeFiles } from "../support/fake-files.ts";
import { describeProjectFilesContract, type ProjectFilesWorld } from "./project-files-contract.ts";

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function realFolder(): Promise<ProjectFilesWorld> {
  const parent = await mkdtemp(join(tmpdir(), "project-files-"));
  folders.push(parent);
  await mkdir(join(parent, "housing"));
  const files = createProjectFiles(join(parent, "housing"));
  return {
    files,
    modeOf: async (path) => (await stat(join(files.dir, path))).mode & 0o777,
    list: async () => {
      const entries = await readdir(files.dir, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    putOutside: async (text) => {
      const path = join(parent, "outside.txt");
      await writeFile(path, text);
      return path;
    },
  };
}

async function fakeFolder(): Promise<ProjectFilesWorld> {
  const files = createFakeFiles({}, "/home/user/housing");
  return {
    files,
    modeOf: async (path) => files.dirs.get(path) ?? files.files.get(path)?.mode ?? 0,
    list: async () => [...files.files.keys()],
    putOutside: async (text) => {
      files.outside.set("/outside.txt", text);
      return "/outside.txt";
    },
  };
}

describeProjectFilesContract("the file system", realFolder);
describeProjectFilesContract("the fake", fakeFolder);
