import { StackError } from "../lib/errors.ts";
import type { Engine, EngineInfo, System } from "./ports.ts";
import { inGib } from "./preflight.ts";

export interface DiskView {
  readonly engine: Pick<Engine, "info">;
  readonly system: Pick<System, "hostName" | "freeDiskBytes">;
}

export interface Disk {
  readonly rootDir: string;
  /** Undefined for an engine elsewhere. */
  readonly freeBytes: number | undefined;
}

// Databases and builds need more than this for their next step; what they had taken for it may be free again.
const fullBelowBytes = 64 * 1024 ** 2;

export const diskFullHint =
  "Free some, for example with `docker builder prune` and `docker image prune`, and run `stack up` again; data and finished steps are kept.";

/** Where the engine keeps its data, as this machine sees it. */
export async function lookAtDisk(
  { hostName, rootDir }: EngineInfo,
  system: DiskView["system"],
): Promise<Disk> {
  return {
    rootDir,
    freeBytes: hostName === system.hostName ? await system.freeDiskBytes(rootDir) : undefined,
  };
}

export function isFull({ freeBytes }: Disk): boolean {
  return (freeBytes ?? Infinity) < fullBelowBytes;
}

/** Finds out again and again whether the engine's disk is full; the engine itself is asked but once. */
export function createFullDiskFinder({ engine, system }: DiskView): () => Promise<StackError | undefined> {
  let info: Promise<EngineInfo> | undefined;
  return async () => {
    info ??= engine.info();
    const disk = await lookAtDisk(await info, system);
    if (!isFull(disk)) return undefined;
    const { rootDir, freeBytes = 0 } = disk;
    return new StackError(
      "DISK_FULL",
      `The engine's disk (${rootDir}) ran full: ${inGib(freeBytes)} GiB are free, and the services can't go on.`,
      { hint: diskFullHint, facts: { rootDir, foundBytes: freeBytes } },
    );
  };
}
