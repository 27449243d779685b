import { v } from "../lib/schema.ts";
import type { ContainerObservation, Engine } from "./ports.ts";

/** One of Airflow's components inside the container that they share. */
export interface ComponentStatus {
  readonly name: string;
  readonly state: "starting" | "healthy" | "unhealthy" | "restarting" | "stopped";
  /** ISO 8601; since when it is in that state. */
  readonly since: string;
  readonly restarts: number;
  /** How it ended before its last restart: "exit code 1", "killed by SIGKILL"; undefined when it never has. */
  readonly lastExit: string | undefined;
  readonly memoryBytes: number;
}

/** A part of a service's start, in milliseconds after its process began. */
export interface StartPhase {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a launcher of ours tells about itself. */
export interface LauncherStatus {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly components: readonly ComponentStatus[];
  readonly timeline: readonly StartPhase[];
}

/** Where the launchers in our images write it. */
const statusPath = "/tmp/stack/status.json";

const component = v.pipe(
  v.object({
    name: v.string(),
    state: v.picklist(["starting", "healthy", "unhealthy", "restarting", "stopped"]),
    since: v.string(),
    restarts: v.number(),
    last_exit: v.nullable(v.string()),
    memory_bytes: v.number(),
  }),
  v.transform(({ name, state, since, restarts, last_exit, memory_bytes }): ComponentStatus => ({
    name,
    state,
    since,
    restarts,
    lastExit: last_exit ?? undefined,
    memoryBytes: memory_bytes,
  })),
);

const phase = v.pipe(
  v.object({ name: v.string(), start_ms: v.number(), end_ms: v.number() }),
  v.transform(({ name, start_ms, end_ms }): StartPhase => ({ name, startMs: start_ms, endMs: end_ms })),
);

const schema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    started_at: v.string(),
    components: v.optional(v.array(component), []),
    timeline: v.optional(v.array(phase), []),
  }),
  v.transform(({ started_at, components, timeline }): LauncherStatus => ({
    startedAt: started_at,
    components,
    timeline,
  })),
);

/** Undefined for a container that has no launcher of ours, or one that hasn't written anything in its present life. */
export async function readLauncherStatus(
  engine: Pick<Engine, "readFile">,
  { id, startedAt = "" }: Pick<ContainerObservation, "id" | "startedAt">,
): Promise<LauncherStatus | undefined> {
  const text = await engine.readFile(id, statusPath);
  const parsed = v.safeParse(schema, text);
  if (!parsed.success) return undefined;
  // A container that was stopped and started keeps its files: what lies there may be of the life before.
  return toSecond(parsed.output.startedAt) < toSecond(startedAt) ? undefined : parsed.output;
}

/** Of an ISO 8601 time, so that two of them sort by it whatever digits follow. */
function toSecond(time: string): string {
  return time.slice(0, "2026-01-02T03:04:05".length);
}
