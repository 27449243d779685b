import { StackError } from "../lib/errors.ts";
import type { Engine, EngineInfo, System } from "./ports.ts";
import { inGib } from "./preflight.ts";

export interface MachineView {
  readonly engine: Pick<Engine, "info">;
  readonly system: Pick<System, "hostName" | "freeDiskBytes">;
}

// Databases and builds need more than this for their next step; what they had taken for it may be free again.
const fullBelowBytes = 64 * 1024 ** 2;
// Linux's own words, and those of MinIO, which stops before the last bytes are gone.
const saysFull = /no space left on device|ENOSPC|XMinioStorageFull|minimum free drive threshold/iu;

/**
 * The error of a failed operation, told by what is beneath it: ENGINE_UNREACHABLE where the engine is gone,
 * DISK_FULL where its disk is full. Any other error, and one that is no failure of the operation, stays what it is.
 */
export async function explainByMachine(error: unknown, { engine, system }: MachineView): Promise<unknown> {
  if (!isFailure(error)) return error;
  try {
    return explainByDisk(error, await freeDisk(await engine.info(), system)) ?? error;
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

interface Disk {
  readonly rootDir: string;
  /** Undefined for an engine elsewhere. */
  readonly freeBytes: number | undefined;
}

async function freeDisk({ hostName, rootDir }: EngineInfo, system: MachineView["system"]): Promise<Disk> {
  return {
    rootDir,
    freeBytes: hostName === system.hostName ? await system.freeDiskBytes(rootDir) : undefined,
  };
}

function explainByDisk(error: StackError, { rootDir, freeBytes }: Disk): StackError | undefined {
  const log = error.facts["log"];
  const words = [error.message, ...(Array.isArray(log) ? log.map(String) : [])].join("\n");
  if (!saysFull.test(words) && (freeBytes ?? Infinity) >= fullBelowBytes) return undefined;
  const now = freeBytes === undefined ? "" : `; ${inGib(freeBytes)} GiB are free now`;
  return new StackError("DISK_FULL", `The engine's disk (${rootDir}) ran full${now}. ${error.message}`, {
    cause: error,
    hint: "Free some, for example with `docker builder prune` and `docker image prune`, and run `stack up` again; data and finished steps are kept.",
    facts: { ...error.facts, rootDir, ...(freeBytes === undefined ? {} : { foundBytes: freeBytes }) },
  });
}
