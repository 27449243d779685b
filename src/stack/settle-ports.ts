import { StackError } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import { findHolder, type Holder } from "./port-holders.ts";
import type { Engine, PublishedPort, System } from "./ports.ts";
import type { Project } from "./project.ts";
import { publishedPortNames, type PortName, type StackSpec } from "./spec.ts";

export interface SettleDeps {
  readonly engine: Pick<Engine, "publishedPorts">;
  readonly system: System;
  readonly emit: Emit;
}

/** A default port that was taken, and the free one that the stack has instead from now on. */
export interface MovedPort {
  readonly name: PortName;
  readonly from: number;
  readonly to: number;
  readonly holder: string;
}

/**
 * Moves default ports that are taken to free ones, and says so. Throws PORT_TAKEN with its holder for one that the
 * user has chosen.
 */
export async function settlePorts(
  project: Project,
  { engine, system, emit }: SettleDeps,
): Promise<{ readonly project: Project; readonly moved: readonly MovedPort[] }> {
  const { spec, chosenPorts } = project;
  const published = await engine.publishedPorts();
  const taken: { readonly name: PortName; readonly holder: Holder }[] = [];
  for (const name of publishedPortNames(spec)) {
    const holder = await findHolder(spec, name, { system, published });
    if (holder !== undefined) taken.push({ name, holder });
  }
  const chosen = taken.find(({ name }) => chosenPorts.includes(name));
  if (chosen !== undefined) throw portTaken(chosen.name, spec.ports[chosen.name], chosen.holder);

  const moved: MovedPort[] = [];
  const ports = { ...spec.ports };
  for (const { name, holder } of taken) {
    const from = spec.ports[name];
    const to = await nextFree(from, { ...spec, ports }, { system, published });
    if (to === undefined) throw portTaken(name, from, holder);
    ports[name] = to;
    moved.push({ name, from, to, holder: holder.who });
  }
  for (const { name, from, to, holder } of moved) {
    const text = `port ${from} (${name}) is held by ${holder}: the stack takes ${to} instead, and keeps it; \`ports.${name}\` in stack.yaml chooses another`;
    emit({ kind: "note", level: "warning", text });
  }
  return { project: moved.length === 0 ? project : { ...project, spec: { ...spec, ports } }, moved };
}

const farthest = 200;
const lastPort = 65_535;

/** The nearest port above that nothing holds and the stack itself has no other use for. */
async function nextFree(
  from: number,
  { host, ports }: StackSpec,
  { system, published }: { readonly system: System; readonly published: readonly PublishedPort[] },
): Promise<number | undefined> {
  const used = new Set([...Object.values(ports), ...published.map(({ port }) => port)]);
  for (let port = from + 1; port <= Math.min(from + farthest, lastPort); port++) {
    if (!used.has(port) && (await system.isPortFree(host, port))) return port;
  }
  return undefined;
}

function portTaken(name: PortName, port: number, { who, stop }: Holder): StackError {
  const free = port + 10_000 > lastPort ? port - 10_000 : port + 10_000;
  const other = `choose another port: \`stack up --port ${name}=${free}\` or \`ports.${name}\` in stack.yaml`;
  return new StackError(
    "PORT_TAKEN",
    `The stack could not start: port ${port} (${name}) is held by ${who}.`,
    {
      hint: stop === undefined ? `Stop it, or ${other}.` : `Stop it with \`${stop}\`, or ${other}.`,
      facts: { port, name, holder: who },
    },
  );
}
