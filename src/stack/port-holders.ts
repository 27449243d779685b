import type { PublishedPort, System } from "./ports.ts";
import type { PortName, StackSpec } from "./spec.ts";

/** Who listens on a port that the stack wants. */
export interface Holder {
  /** "process 42 (python -m http.server)", or "the container x of the project y". */
  readonly who: string;
  /** The command that ends it; undefined for a process that this user may not see. */
  readonly stop: string | undefined;
}

export interface PortDeps {
  readonly system: System;
  /** What containers publish; empty when there is no engine to ask. */
  readonly published: readonly PublishedPort[];
}

/** Who holds a port of the spec; undefined when nobody does but this very project. */
export async function findHolder(
  { project, host, ports }: Pick<StackSpec, "project" | "host" | "ports">,
  name: PortName,
  { system, published }: PortDeps,
): Promise<Holder | undefined> {
  const port = ports[name];
  const publisher = published.find((one) => one.port === port);
  if (publisher !== undefined) {
    if (publisher.project === project) return undefined;
    const owner = publisher.project === undefined ? "" : ` of the project ${publisher.project}`;
    return {
      who: `the container ${publisher.container}${owner}`,
      stop: `docker stop ${publisher.container}`,
    };
  }
  if (await system.isPortFree(host, port)) return undefined;
  const process = await system.portHolder(port);
  return process === undefined
    ? { who: "a process that this user may not see", stop: undefined }
    : { who: `process ${process.pid} (${process.command})`, stop: `kill ${process.pid}` };
}
