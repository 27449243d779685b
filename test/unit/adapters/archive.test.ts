import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createArchiver } from "../../../src/adapters/archive.ts";

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const entries = [
  { path: "README.txt", text: "größer\n" },
  { path: "logs/mlflow.log", text: "x".repeat(1024) },
  { path: "empty", text: "" },
];

describe("an archive", () => {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "stack-archive-"));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });
  const archiver = createArchiver(() => nowMs);

  test("is one that tar unpacks to the byte", async () => {
    const { path, bytes } = await archiver.write({ target: undefined, folder: dir, entries });
    expect(path).toBe(join(dir, "stack-report-2026-01-02T03-04-05-678Z.tar.gz"));
    expect((await stat(path)).size).toBe(bytes);
    execFileSync("tar", ["--extract", "--gzip", "--file", path, "--directory", dir]);
    for (const entry of entries) expect(await readFile(join(dir, entry.path), "utf8")).toBe(entry.text);
    expect((await stat(join(dir, "empty"))).mtimeMs).toBe(Math.floor(nowMs / 1000) * 1000);
  });

  test("is for its owner alone", async () => {
    const { path } = await archiver.write({ target: join(dir, "mine.tar.gz"), folder: "/nowhere", entries });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("replaces no file", async () => {
    const target = join(dir, "mine.tar.gz");
    await writeFile(target, "precious");
    await expect(archiver.write({ target, folder: dir, entries })).rejects.toMatchObject({ code: "USAGE" });
    expect(await readFile(target, "utf8")).toBe("precious");
  });

  test("that can't be written says so", async () => {
    const target = join(dir, "no", "such", "folder.tar.gz");
    await expect(archiver.write({ target, folder: dir, entries })).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
      hint: expect.stringContaining("--output"),
    });
  });
});
