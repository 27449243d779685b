import { beforeEach, describe, expect, test } from "vitest";
import type { ProjectFiles } from "../../src/stack/ports.ts";

export interface ProjectFilesWorld {
  /** An empty project folder called "housing". */
  readonly files: ProjectFiles;
  /** Permission bits of a file or folder. */
  modeOf(path: string): Promise<number>;
  /** Every file of the folder, drafts too. */
  list(): Promise<readonly string[]>;
  /** A file elsewhere on the machine; its path. */
  putOutside(text: string): Promise<string>;
}

/** What every ProjectFiles port keeps to. */
export function describeProjectFilesContract(
  name: string,
  makeWorld: () => Promise<ProjectFilesWorld>,
): void {
  describe(`${name} keeps the ProjectFiles contract`, () => {
    let world: ProjectFilesWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });

    test("knows the folder by name and by six digits made of its path", () => {
      const { files } = world;
      expect(files.name).toBe("housing");
      expect(files.dir).toMatch(/^\/.*\/housing$/u);
      expect(files.id).toMatch(/^[0-9a-f]{6}$/u);
      expect(files.absolute("dags/a.py")).toBe(`${files.dir}/dags/a.py`);
    });

    test("has no file that isn't there", async () => {
      await expect(world.files.read("a.txt")).resolves.toBeUndefined();
      await expect(world.files.exists("a.txt")).resolves.toBe(false);
    });

    test("reads what was written, replaced as a whole", async () => {
      const { files } = world;
      await files.write("a.txt", "a long first text\n");
      await files.write("a.txt", "größer\n");
      await expect(files.read("a.txt")).resolves.toBe("größer\n");
      await expect(files.exists("a.txt")).resolves.toBe(true);
      await expect(world.list()).resolves.toEqual(["a.txt"]);
    });

    test("gives a file the mode that it is told, whatever the old one's was", async () => {
      const { files } = world;
      await files.write("a.txt", "1");
      await expect(world.modeOf("a.txt")).resolves.toBe(0o644);
      await files.write("a.txt", "2", 0o600);
      await expect(world.modeOf("a.txt")).resolves.toBe(0o600);
    });

    test("tells a file's mode, and where may be written", async () => {
      const { files } = world;
      await files.write("private", "text", 0o600);
      await expect(files.mode("private")).resolves.toBe(0o600);
      await expect(files.mode("nothing")).resolves.toBeUndefined();
      await expect(files.barrier("private")).resolves.toBeUndefined();
      await expect(files.barrier("nothing")).resolves.toBeUndefined();
      await expect(files.barrier("no/such/folder/file")).resolves.toBeUndefined();
    });

    test("makes a folder with its parents, and closes one that is there without losing what it holds", async () => {
      const { files } = world;
      await files.ensureDir("a/b/c");
      await files.write("a/b/c/d.txt", "kept");
      await files.ensureDir("a/b/c", 0o700);
      await expect(world.modeOf("a/b/c")).resolves.toBe(0o700);
      await expect(files.read("a/b/c/d.txt")).resolves.toBe("kept");
      await expect(files.exists("a/b")).resolves.toBe(true);
    });

    test("refuses to write into a folder that isn't there, and leaves nothing", async () => {
      await expect(world.files.write("no/such/a.txt", "x")).rejects.toMatchObject({
        code: "FILE_UNWRITABLE",
        message: expect.stringMatching(/^no\/such\/a\.txt can't be written: .*ENOENT/u),
        facts: { path: "no/such/a.txt" },
      });
      await expect(world.list()).resolves.toEqual([]);
    });

    test("refuses to write where a folder is, and leaves it and nothing else", async () => {
      const { files } = world;
      await files.ensureDir("a");
      await expect(files.write("a", "x")).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
      await expect(world.list()).resolves.toEqual([]);
      await expect(files.exists("a")).resolves.toBe(true);
    });

    test("refuses to make a folder where a file is", async () => {
      const { files } = world;
      await files.write("a", "file");
      await expect(files.ensureDir("a/b")).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
      await expect(files.read("a")).resolves.toBe("file");
    });

    test("refuses to read a folder as a file", async () => {
      await world.files.ensureDir("stack.yaml");
      await expect(world.files.read("stack.yaml")).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(/stack\.yaml can't be read: .*EISDIR/u),
      });
    });

    test("lists its folder, and copies what another project has", async () => {
      const { files } = world;
      const other = (await makeWorld()).files;
      await other.ensureDir("dags/deep");
      await other.write("dags/deep/a.py", "1");
      await other.write("b.txt", "2");
      await expect(other.list()).resolves.toEqual(["b.txt", "dags/"]);
      await files.copyFrom(other, "dags");
      await files.copyFrom(other, "b.txt");
      await expect(files.read("dags/deep/a.py")).resolves.toBe("1");
      await expect(files.list()).resolves.toEqual(["b.txt", "dags/"]);
    });

    test("digests what is below some paths, whatever else the folder holds", async () => {
      const { files } = world;
      await files.ensureDir("a/b");
      await files.write("a/b/c.txt", "1");
      const first = await files.digest(["a", "absent"]);
      expect(first).toMatch(/^[0-9a-f]{64}$/u);
      await files.write("d.txt", "1");
      await files.ensureDir(".stack");
      await files.write(".stack/.env", "secret");
      await expect(files.digest(["a", "absent"])).resolves.toBe(first);
      const whole = await files.digest(["."]);
      await files.write(".stack/.env", "another");
      await expect(files.digest(["."])).resolves.toBe(whole);
      await files.write("a/b/c.txt", "2");
      await expect(files.digest(["a"])).resolves.not.toBe(first);
    });

    test("reads files of the machine, and none that aren't there", async () => {
      const path = await world.putOutside("rows");
      const bytes = await world.files.readOutside(path);
      expect(new TextDecoder().decode(bytes)).toBe("rows");
      await expect(world.files.readOutside(`${path}.not`)).resolves.toBeUndefined();
    });
  });
}
