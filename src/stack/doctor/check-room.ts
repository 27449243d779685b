import type { EngineInfo, System } from "../ports.ts";
import { diskToBuildBytes, diskToRunBytes, inGib, memoryBytes, uselessLimits } from "../preflight.ts";
import type { StackSpec } from "../spec.ts";
import { ofMachine, ofStack, type Check } from "./check.ts";
import type { ContainerView } from "./container-view.ts";

export interface Room {
  readonly spec: StackSpec;
  readonly info: EngineInfo;
  readonly system: System;
  /** Whether images have to be built first. */
  readonly willBuild: boolean;
  readonly view: ContainerView | undefined;
}

/** Disk and memory where the engine has them: on this machine, or as a container of it sees them. */
export async function checkRoom({ spec, info, system, willBuild, view }: Room): Promise<readonly Check[]> {
  const isHere = info.hostName === system.hostName;
  const [disk, memory] = isHere
    ? await Promise.all([system.freeDiskBytes(info.rootDir), system.freeMemoryBytes()])
    : [undefined, undefined];
  return [
    ...checkDisk(disk ?? view?.freeDiskBytes, willBuild),
    checkMemory(info.memoryBytes, memory ?? view?.freeMemoryBytes),
    ...uselessLimits(spec, info.memoryBytes).map(({ setting, text }) =>
      ofStack.warning(setting, text, `lower \`${setting}\` in stack.yaml, or leave it out`),
    ),
  ];
}

function checkDisk(bytes: number | undefined, willBuild: boolean): readonly Check[] {
  if (bytes === undefined) return [];
  const free = `${inGib(bytes)} GiB free`;
  const needed = willBuild ? diskToBuildBytes : diskToRunBytes;
  const task = willBuild ? "build the images" : "run";
  if (bytes >= needed) return [ofMachine.ok("disk", free)];
  return [ofMachine.failure("disk", `${free}; to ${task} takes ${inGib(needed)}`, "docker builder prune")];
}

function checkMemory(total: number, free: number | undefined): Check {
  const all = `${inGib(total)} GiB`;
  if (total < memoryBytes) {
    const fix = "give the engine's machine more memory (Docker Desktop: Settings, Resources)";
    return ofMachine.failure("memory", `the engine has ${all}; the stack needs ${inGib(memoryBytes)}`, fix);
  }
  if (free === undefined) return ofMachine.ok("memory", `${all} in all`);
  const text = `${inGib(free)} of ${all} free`;
  if (free >= memoryBytes / 2) return ofMachine.ok("memory", text);
  return ofMachine.warning(
    "memory",
    `${text}; tasks may be killed for lack of it`,
    "docker stats --no-stream",
  );
}
