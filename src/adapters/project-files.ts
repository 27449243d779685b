import { createHash, randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import {
  access,
  chmod,
  constants,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { StackError } from "../lib/errors.ts";
import type { ProjectFiles } from "../stack/ports.ts";
import { digestPaths } from "./project-digest.ts";
import { unwritable } from "./project-unwritable.ts";

/** Throws CONFIG_NOT_FOUND when the folder isn't there. */
export function createProjectFiles(folder: string): ProjectFiles {
  const dir = realFolder(folder);
  const absolute = (path: string): string => join(dir, path);
  const writable = async (path: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw unwritable(path, absolute(path), error);
    }
  };

  return {
    dir,
    name: basename(dir),
    id: createHash("sha256").update(dir).digest("hex").slice(0, 6),
    absolute,
    digest: async (paths) => await digestPaths(dir, paths),
    read: async (path) => await readText(absolute(path)),
    write: async (path, content, mode = 0o644) => {
      await writable(path, async () => {
        await replaceFile(absolute(path), content, mode);
      });
    },
    exists: async (path) => {
      try {
        await access(absolute(path));
        return true;
      } catch {
        return false;
      }
    },
    mode: async (path) => {
      try {
        return (await stat(absolute(path))).mode & 0o777;
      } catch {
        return undefined;
      }
    },
    barrier: async (path) => {
      // What isn't there yet would be made in the nearest folder that is.
      for (let place = absolute(path); ; place = dirname(place)) {
        try {
          await access(place, constants.W_OK);
          return undefined;
        } catch (error) {
          const code = codeOf(error);
          if (code === "ENOENT" && place !== dirname(place)) continue;
          return code === "EROFS" ? "read-only" : code === "EPERM" ? "protected" : "denied";
        }
      }
    },
    list: async () => {
      const entries = await readdir(dir, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
    },
    copyFrom: async (source, path) => {
      await writable(path, async () => {
        const filter = (from: string): boolean => basename(from) !== "__pycache__";
        await replace(absolute(path), async (draft) => {
          await cp(source.absolute(path), draft, { recursive: true, filter });
        });
      });
    },
    ensureDir: async (path, mode) => {
      await writable(path, async () => {
        await makeFolder(absolute(path));
        // Where nothing may be written there may be nothing to write.
        if (mode !== undefined && ((await stat(absolute(path))).mode & 0o777) !== mode)
          await chmod(absolute(path), mode);
      });
    },
    readOutside: async (path) => {
      try {
        return await readFile(isAbsolute(path) ? path : resolve(path));
      } catch (error) {
        if (meansNoFile.has(codeOf(error))) return undefined;
        throw unreadable(path, error);
      }
    },
  };
}

function realFolder(folder: string): string {
  try {
    return realpathSync(resolve(folder));
  } catch (error) {
    throw new StackError("CONFIG_NOT_FOUND", `The project folder ${resolve(folder)} doesn't exist.`, {
      cause: error,
      hint: "Make it first, or name another with --project-dir.",
    });
  }
}

// What the system says of a path at which there is no file, and can't be.
const meansNoFile: ReadonlySet<string> = new Set(["ENOENT", "EISDIR", "ENOTDIR", "ENAMETOOLONG"]);

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): StackError {
  return new StackError("CONFIG_INVALID", `${path} can't be read: ${wordsOf(cause)}.`, {
    cause,
    hint: "Make it a file that this user may read.",
  });
}

/** With its parents. Node's own recursion calls a read-only file system "no such file or directory". */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await stat(path)).isDirectory()) return;
    if (codeOf(error) !== "ENOENT") throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  await replace(path, async (draft) => {
    await writeFile(draft, content, { mode, flush: true });
    // The mode above passes through the umask.
    await chmod(draft, mode);
  });
}

/** Written beside and renamed, so that there is all of the old or all of the new, also when the disk is full. */
async function replace(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  try {
    await write(draft);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
