import { StackError } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import type { Compose, Engine, EngineInfo, System } from "./ports.ts";
import { imageNames, type StackSpec } from "./spec.ts";
import { oldestCompose, oldestEngine } from "./versions.ts";

export interface PreflightDeps {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly system: System;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const gib = 1024 ** 3;
// Measured: the images and their build cache take 7 GiB, a running stack's own files a few hundred MiB.
export const diskToBuildBytes = 8 * gib;
export const diskToRunBytes = 1 * gib;
// Measured: the stack at rest and one training task.
export const memoryBytes = 3 * gib;

/** The engine and the plugins are there and new enough. Throws the code of the first that isn't. */
export async function checkTools({ engine, compose, signal }: PreflightDeps): Promise<EngineInfo> {
  const [info, versions] = await Promise.all([engine.info(), compose.versions(signal)]);
  if (isOlder(info.version, oldestEngine)) {
    throw new StackError(
      "ENGINE_TOO_OLD",
      `The Docker engine is ${info.version}; the stack needs ${oldestEngine} or newer.`,
      {
        hint: "Upgrade the engine; on Debian as root: scripts/engine.sh",
        facts: { found: info.version, needed: oldestEngine },
      },
    );
  }
  if (versions.compose === undefined) {
    throw new StackError("COMPOSE_MISSING", "The `docker compose` plugin is not installed.", {
      hint: "Install it; on Debian as root: scripts/engine.sh",
    });
  }
  if (isOlder(versions.compose, oldestCompose)) {
    throw new StackError(
      "COMPOSE_TOO_OLD",
      `The docker compose plugin is ${versions.compose}; the stack needs ${oldestCompose} or newer.`,
      {
        hint: "Upgrade it; on Debian as root: scripts/engine.sh",
        facts: { found: versions.compose, needed: oldestCompose },
      },
    );
  }
  return info;
}

/** Compares dotted versions by their numbers; what follows them ("+dfsg1", "-4", "-rc.1") doesn't count. */
export function isOlder(version: string, floor: string): boolean {
  const numbers = (text: string): readonly number[] =>
    (/\d+(?:\.\d+)*/u.exec(text)?.[0] ?? "0").split(".").map(Number);
  const [mine, least] = [numbers(version), numbers(floor)];
  for (const [index, wanted] of least.entries()) {
    const found = mine[index] ?? 0;
    if (found !== wanted) return found < wanted;
  }
  return false;
}

/** Enough disk and memory where the engine keeps its data. Throws DISK_LOW or MEMORY_LOW. */
export async function checkRoom(
  info: EngineInfo,
  willBuild: boolean,
  { system, emit }: PreflightDeps,
): Promise<void> {
  if (info.memoryBytes < memoryBytes) {
    throw new StackError(
      "MEMORY_LOW",
      `The stack could not start: the engine has ${inGib(info.memoryBytes)} GiB of memory; it needs ${inGib(memoryBytes)}.`,
      {
        hint: "Give the engine more memory.",
        facts: { foundBytes: info.memoryBytes, neededBytes: memoryBytes },
      },
    );
  }
  // Of an engine elsewhere, in a virtual machine for example, this machine sees neither disk nor free memory.
  if (info.hostName !== system.hostName) return;

  const [disk, freeMemory] = await Promise.all([
    system.freeDiskBytes(info.rootDir),
    system.freeMemoryBytes(),
  ]);
  const neededBytes = willBuild ? diskToBuildBytes : diskToRunBytes;
  if (disk !== undefined && disk < neededBytes) {
    const task = willBuild ? "build its images" : "run";
    throw new StackError(
      "DISK_LOW",
      `The stack needs ${inGib(neededBytes)} GiB of free disk to ${task}; ${info.rootDir} has ${inGib(disk)}.`,
      {
        hint: "Make room, for example with `docker builder prune`, and run the command again.",
        facts: { foundBytes: disk, neededBytes },
      },
    );
  }
  if (freeMemory < memoryBytes / 2) {
    emit({
      kind: "note",
      level: "warning",
      text: `only ${inGib(freeMemory)} GiB of memory are free; tasks may be killed for lack of it`,
    });
  }
}

/** Of the limits that the user set, those that the engine never gets to: it has less memory than they allow. */
export function uselessLimits(
  { memory }: Pick<StackSpec, "memory">,
  engineBytes: number,
): readonly { readonly setting: string; readonly text: string }[] {
  return imageNames.flatMap((name) => {
    const limit = memory[name];
    if (limit === undefined || bytesOf(limit) <= engineBytes) return [];
    const text = `${limit} is more than the ${inGib(engineBytes)} GiB of the engine, and so no limit`;
    return [{ setting: `memory.${name}`, text }];
  });
}

/** The same as notes of a start. */
export function memoryNotes(spec: Pick<StackSpec, "memory">, engineBytes: number): readonly string[] {
  return uselessLimits(spec, engineBytes).map(({ setting, text }) => `${setting}: ${text}`);
}

/** Of a size as settings have it: "512m", "8g". */
function bytesOf(size: string): number {
  return Number.parseInt(size, 10) * (size.endsWith("g") ? gib : gib / 1024);
}

export function inGib(bytes: number): string {
  return (bytes / gib).toFixed(1);
}
