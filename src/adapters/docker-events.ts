import type Docker from "dockerode";
import { StackError } from "../lib/errors.ts";
import { v } from "../lib/schema.ts";
import type { ContainerEvent } from "../stack/engine-streams.ts";
import { readUntilAborted } from "./docker-logs.ts";

const eventSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    Action: v.string(),
    timeNano: v.number(),
    Actor: v.object({ ID: v.string(), Attributes: v.record(v.string(), v.string()) }),
  }),
);

const kinds: Readonly<Record<string, ContainerEvent["kind"]>> = {
  start: "started",
  kill: "signalled",
  die: "died",
  oom: "out-of-memory",
  "health_status: unhealthy": "unhealthy",
};

/** One line of the engine's; undefined for an event that says nothing here. */
export function eventFrom(line: string): ContainerEvent | undefined {
  const parsed = v.safeParse(eventSchema, line);
  if (!parsed.success) return undefined;
  const { Action, timeNano, Actor } = parsed.output;
  const kind = kinds[Action];
  if (kind === undefined) return undefined;
  const { exitCode, signal, "com.docker.compose.service": service = "" } = Actor.Attributes;
  return {
    kind,
    containerId: Actor.ID,
    service,
    at: new Date(timeNano / 1e6).toISOString(),
    exitCode: kind === "died" && exitCode !== undefined ? Number(exitCode) : undefined,
    signal: kind === "signalled" && signal !== undefined ? Number(signal) : undefined,
  };
}

/** Resolves on an abort; throws when the engine ends the stream. */
export async function watchContainers(
  docker: Docker,
  label: string,
  onEvent: (event: ContainerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const events = ["start", "kill", "die", "oom", "health_status"];
  const stream = await docker.getEvents({ filters: { type: ["container"], label: [label], event: events } });
  let rest = "";
  const read = (chunk: Buffer): void => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = eventFrom(line);
      if (event !== undefined) onEvent(event);
    }
  };
  await readUntilAborted(stream, read, signal);
  if (!signal.aborted) {
    throw new StackError("ENGINE_UNREACHABLE", "The Docker engine went away.", {
      hint: "Start it again, then run `stack up`.",
    });
  }
}
