import { randomBytes } from "node:crypto";
import { rmdirSync, rmSync } from "node:fs";
import { mkdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { LockHolder, ProjectLock } from "../stack/exclusively.ts";

/**
 * A lock that is a symbolic link to "pid:start:verb": it is made or refused in one step, is never half written, and
 * tells who holds it. One whose process is gone counts as free. `path` lies in a folder that is made when needed.
 */
export function createProjectLock(path: string): ProjectLock {
  let isHeld = false;
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    process.off("exit", release);
    rmSync(path, { force: true });
    removeIfEmpty(dirname(path));
  };
  const take = async (verb: string): Promise<"taken" | "exists" | "unwritable"> => {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await symlink(`${process.pid}:${(await startOf(process.pid)) ?? ""}:${verb}`, path);
      return "taken";
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EEXIST" ? "exists" : "unwritable";
    }
  };

  return {
    acquire: async (verb) => {
      for (let attempt = 0; attempt < mostAttempts; attempt++) {
        const outcome = await take(verb);
        // Where nothing can be written, nobody else holds anything either; the command itself says what it lacks.
        if (outcome === "unwritable") return undefined;
        if (outcome === "taken") {
          isHeld = true;
          process.on("exit", release);
          return undefined;
        }
        const text = await readLink(path);
        const holder = await livingHolder(text);
        if (holder !== undefined) return holder;
        await removeStale(path, text);
      }
      return undefined;
    },
    release,
  };
}

// Each further one means that another process took or gave back the lock in that very moment.
const mostAttempts = 20;

async function livingHolder(text: string | undefined): Promise<LockHolder | undefined> {
  const [, digits = "", start, verb = ""] = /^(\d+):(\d*):(.*)$/u.exec(text ?? "") ?? [];
  const pid = Number(digits);
  if (digits === "" || !isRunning(pid)) return undefined;
  // A number that was given to another process since.
  const isSame = ((await startOf(pid)) ?? start) === start;
  return isSame ? { verb, pid } : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** When a process started, in ticks since boot, as proc(5) tells; empty for a dead one, undefined off Linux. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name before the last parenthesis may hold anything; the state is field 3, the start field 22.
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return "ZX".includes(state) ? "" : fields[18];
  } catch {
    return "";
  }
}

/** Sets aside what was found stale; should it be another's by now, that one gets its place back. */
async function removeStale(path: string, text: string | undefined): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
    const found = await readLink(aside);
    if (found !== undefined && found !== text) await symlink(found, path);
    await rm(aside, { recursive: true });
  } catch {
    // Gone, or taken again: the next attempt sees which.
  }
}

async function readLink(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    return undefined;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The stack's files are in it.
  }
}
