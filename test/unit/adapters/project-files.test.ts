import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProjectFiles } from "../../../src/adapters/project-files.ts";

let parent = "";
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "project-files-"));
  await mkdir(join(parent, "housing"));
  await mkdir(join(parent, "other"));
  await symlink(join(parent, "housing"), join(parent, "link"));
});
afterAll(async () => {
  await rm(parent, { recursive: true });
});

const open = (name: string) => createProjectFiles(join(parent, name));

describe("the folder", () => {
  test("is the same one through a link", () => {
    expect(open("link")).toMatchObject({ name: "housing", dir: open("housing").dir, id: open("housing").id });
  });

  test("has another id than every other folder", () => {
    expect(open("housing").id).not.toBe(open("other").id);
  });

  test("that isn't there is refused, with how to name another", () => {
    expect(() => open("missing")).toThrow(
      expect.objectContaining({
        code: "CONFIG_NOT_FOUND",
        message: `The project folder ${join(parent, "missing")} doesn't exist.`,
        hint: expect.stringContaining("--project-dir"),
      }),
    );
  });
});

test("a reader sees all of the old text or all of the new one, never a part", async () => {
  const files = open("housing");
  const texts = ["a", "b"].map((letter) => letter.repeat(200_000));
  await files.write("a.txt", texts[0] ?? "");
  const seen = new Set<string>();
  const writing = (async () => {
    for (let round = 0; round < 10; round++) await files.write("a.txt", texts[round % 2] ?? "");
  })();
  for (let round = 0; round < 20; round++) seen.add((await files.read("a.txt")) ?? "missing");
  await writing;
  expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
});

test("a file has the mode that is asked for, whatever the umask", async () => {
  const before = process.umask(0o077);
  try {
    await open("housing").write("wide.txt", "x", 0o644);
  } finally {
    process.umask(before);
  }
  const { mode } = await stat(join(parent, "housing", "wide.txt"));
  expect(mode & 0o777).toBe(0o644);
});

test("a copy that fails half-way leaves nothing that the next one would take for whole", async () => {
  const other = open("other");
  await other.ensureDir("dags");
  await other.write("dags/a.py", "a");
  // Nothing copies a socket.
  const server = createServer().listen(join(parent, "other", "dags", "b.sock"));
  await once(server, "listening");
  await expect(open("housing").copyFrom(other, "dags")).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  expect((await open("housing").list()).filter((name) => name.includes("dags"))).toEqual([]);
  server.close();
  await once(server, "close");
  await open("housing").copyFrom(other, "dags");
  await expect(open("housing").read("dags/a.py")).resolves.toBe("a");
});

test("a file outside is read from where the caller is", async () => {
  const path = join(parent, "rows.csv");
  await writeFile(path, new Uint8Array([0, 255, 10]));
  await expect(open("housing").readOutside(path)).resolves.toEqual(await readFile(path));
  await expect(open("housing").readOutside("no-such-file.csv")).resolves.toBeUndefined();
  await expect(open("housing").readOutside(parent)).resolves.toBeUndefined();
  await expect(open("housing").readOutside(`${path}/in-a-file`)).resolves.toBeUndefined();
  await expect(open("housing").readOutside("x".repeat(50_000))).resolves.toBeUndefined();
});
