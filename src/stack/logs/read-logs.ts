import { interrupted, StackError } from "../../lib/errors.ts";
import type { LogLine } from "../engine-streams.ts";
import type { Engine } from "../ports.ts";
import { selectSources, type LogSource } from "./log-sources.ts";

/** A line with whose it is. */
export interface ServiceLine extends LogLine {
  readonly service: string;
}

export interface LogQuery {
  readonly project: string;
  /** None for all; Airflow's components by their names too. */
  readonly services: readonly string[];
  /** How many lines of each service; undefined for all. */
  readonly tail: number | undefined;
  /** Milliseconds since 1970. */
  readonly sinceMs: number | undefined;
  readonly follow: boolean;
}

export interface LogDeps {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly onLine: (line: ServiceLine) => void;
}

/**
 * The lines of the services' containers in the order they were written, and with `follow` what they write from
 * then on, also after a restart, until the signal aborts. Throws STACK_NOT_RUNNING when there is no container,
 * USAGE for an unknown service.
 */
export async function readLogs(query: LogQuery, deps: LogDeps): Promise<void> {
  const containers = await deps.engine.containers(query.project);
  if (containers.length === 0) {
    throw new StackError("STACK_NOT_RUNNING", `There are no logs: the stack ${query.project} is down.`, {
      hint: "Start it with `stack up`.",
    });
  }
  const sources = selectSources(query.services, containers);
  const last = await showPast(query, sources, deps);
  if (query.follow) await follow(query, sources, last, deps);
  if (deps.signal.aborted) throw interrupted(deps.signal.reason);
}

/** Returns the time of the last line of each container. */
async function showPast(
  { tail, sinceMs }: LogQuery,
  sources: readonly LogSource[],
  { engine, signal, onLine }: LogDeps,
): Promise<Map<string, string>> {
  const last = new Map<string, string>();
  const read = await Promise.all(
    sources.map(async ({ container, takes }) => {
      const lines: ServiceLine[] = [];
      const isAll = takes === undefined;
      const request = { tail: isAll ? tail : undefined, sinceMs, follow: false, signal };
      await engine.readLog(container.id, request, (line) => {
        last.set(container.id, line.at);
        if (isAll || takes(line.text)) lines.push({ ...line, service: container.service });
      });
      return tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
    }),
  );
  for (const line of read.flat().toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) onLine(line);
  return last;
}

async function follow(
  { project }: LogQuery,
  sources: readonly LogSource[],
  last: Map<string, string>,
  { engine, signal, onLine }: LogDeps,
): Promise<void> {
  const followed = new Set<string>();
  const failures: unknown[] = [];
  const stop = new AbortController();
  const ends = AbortSignal.any([signal, stop.signal]);

  const followOne = async ({ container, takes }: LogSource): Promise<void> => {
    if (followed.has(container.id)) return;
    followed.add(container.id);
    const known = last.get(container.id);
    await engine.readLog(container.id, { after: known, follow: true, signal: ends }, (line) => {
      // The engine counts from a whole second on.
      if (line.at <= (last.get(container.id) ?? "")) return;
      last.set(container.id, line.at);
      if (takes === undefined || takes(line.text)) onLine({ ...line, service: container.service });
    });
    followed.delete(container.id);
  };
  const begin = (source: LogSource): void => {
    followOne(source).catch((error: unknown) => {
      failures.push(error);
      stop.abort();
    });
  };

  for (const source of sources) begin(source);
  const services = sources.map(({ container, takes }) => ({ service: container.service, takes }));
  await engine.watch(
    project,
    (event) => {
      const source = services.find(({ service }) => service === event.service);
      if (event.kind !== "started" || source === undefined) return;
      begin({ container: { id: event.containerId, service: event.service }, takes: source.takes });
    },
    ends,
  );
  if (failures.length > 0) throw failures[0];
}
