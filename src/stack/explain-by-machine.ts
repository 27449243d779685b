import { StackError } from "../lib/errors.ts";
import { diskFullHint, isFull, lookAtDisk, type Disk, type DiskView } from "./full-disk.ts";
import { inGib } from "./preflight.ts";

// Linux's own words, and those of MinIO, which stops before the last bytes are gone.
const saysFull = /no space left on device|ENOSPC|XMinioStorageFull|minimum free drive threshold/iu;

/**
 * The error of a failed operation, told by what is beneath it: ENGINE_UNREACHABLE where the engine is gone,
 * DISK_FULL where its disk is full. Any other error, and one that is no failure of the operation, stays what it is.
 */
export async function explainByMachine(error: unknown, { engine, system }: DiskView): Promise<unknown> {
  if (!isFailure(error)) return error;
  try {
    return explainByDisk(error, await lookAtDisk(await engine.info(), system)) ?? error;
  } catch (cause) {
    return isEngineGone(cause) ? cause : error;
  }
}

export function isEngineGone(error: unknown): error is StackError {
  return error instanceof StackError && error.code === "ENGINE_UNREACHABLE";
}

/** Not one that was found before anything began, nor one that has its own words for a full disk. */
function isFailure(error: unknown): error is StackError {
  return (
    error instanceof StackError &&
    (error.status === 1 || error.status === 4) &&
    error.code !== "FILE_UNWRITABLE"
  );
}

function explainByDisk(error: StackError, disk: Disk): StackError | undefined {
  const log = error.facts["log"];
  const words = [error.message, ...(Array.isArray(log) ? log.map(String) : [])].join("\n");
  if (!saysFull.test(words) && !isFull(disk)) return undefined;
  const { rootDir, freeBytes } = disk;
  const now = freeBytes === undefined ? "" : `; ${inGib(freeBytes)} GiB are free now`;
  return new StackError("DISK_FULL", `The engine's disk (${rootDir}) ran full${now}. ${error.message}`, {
    cause: error,
    hint: diskFullHint,
    facts: { ...error.facts, rootDir, ...(freeBytes === undefined ? {} : { foundBytes: freeBytes }) },
  });
}
