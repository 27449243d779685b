import { createHash } from "node:crypto";
import { open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { output } from "./run.ts";

/** A file system of its own in the place of a folder, in memory. */
export interface SmallDisk {
  /** Has nothing be written on it. */
  close(): Promise<void>;
  /** Takes all room that is left. */
  fill(): Promise<void>;
  /** Has it as it was: open for writing, with room. */
  free(): Promise<void>;
  unmount(): Promise<void>;
}

export async function mountSmallDisk(dir: string): Promise<SmallDisk> {
  await output("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0755", "tmpfs", dir]);
  const ballast = join(dir, ballastName);
  const remount = async (options: string): Promise<void> => {
    await output("mount", ["-o", `remount,${options}`, dir]);
  };
  return {
    close: async () => {
      await remount("ro");
    },
    fill: async () => {
      const file = await open(ballast, "w");
      // A page at a time, so that not a single one is left.
      const page = Buffer.alloc(4096);
      try {
        for (;;) await file.write(page);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        await file.close();
      }
    },
    free: async () => {
      await remount("rw");
      await rm(ballast, { force: true });
    },
    unmount: async () => {
      // A container that is just ending may look at it yet.
      await output("umount", ["--lazy", dir]);
    },
  };
}

const ballastName = "ballast";

/** Each file and folder with what is in it, to compare two moments. */
export async function contentsOf(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const lines = entries
    .filter(({ name }) => name !== ballastName)
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) return path;
      return `${path} ${createHash("sha256")
        .update(await readFile(path))
        .digest("hex")}`;
    });
  return (await Promise.all(lines)).toSorted();
}
