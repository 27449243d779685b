import { createHash, randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { StackError } from "../lib/errors.ts";
import type { ProjectFiles } from "../stack/ports.ts";
import { digestPaths } from "./project-digest.ts";

/** Throws CONFIG_NOT_FOUND when the folder isn't there. */
export function createProjectFiles(folder: string): ProjectFiles {
  const dir = realFolder(folder);
  const absolute = (path: string): string => join(dir, path);

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
    list: async () => {
      const entries = await readdir(dir, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
    },
    copyFrom: async (source, path) => {
      await writable(path, async () => {
        const filter = (from: string): boolean => basename(from) !== "__pycache__";
        await cp(source.absolute(path), absolute(path), { recursive: true, force: false, filter });
      });
    },
    ensureDir: async (path, mode) => {
      await writable(path, async () => {
        await mkdir(absolute(path), { recursive: true });
        if (mode !== undefined) await chmod(absolute(path), mode);
      });
    },
    readOutside: async (path) => {
      try {
        return await readFile(isAbsolute(path) ? path : resolve(path));
      } catch (error) {
        if (codeOf(error) === "ENOENT" || codeOf(error) === "EISDIR") return undefined;
        throw error;
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

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new StackError("CONFIG_INVALID", `${path} can't be read: ${wordsOf(error)}.`, {
      cause: error,
      hint: "Make it a file that this user may read.",
    });
  }
}

/** Written beside and renamed, so that whoever reads meanwhile sees all of the old or all of the new. */
async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(draft, content, { mode, flush: true });
    // The mode above passes through the umask.
    await chmod(draft, mode);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function writable(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new StackError("FILE_UNWRITABLE", `${path} can't be written: ${wordsOf(error)}.`, {
      cause: error,
      hint: "Give this user the right to write in the project folder, or make room on its disk.",
      facts: { path },
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
