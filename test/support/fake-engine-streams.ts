import type { Clock } from "../../src/lib/clock.ts";
import { StackError } from "../../src/lib/errors.ts";
import type { ContainerEvent, EngineStreams, LogLine } from "../../src/stack/engine-streams.ts";
import type { EngineWorld, FakeContainer } from "./fake-engine.ts";

/** What containers of the world write and come to, told as it happens. Waiting for it moves no clock. */
export function createFakeStreams(world: EngineWorld, clock: Clock): EngineStreams {
  const turn = async (): Promise<void> => {
    await new Promise(setImmediate);
    if (world.isOff) throw new StackError("ENGINE_UNREACHABLE", "The Docker engine went away.");
  };
  const times = new Map<string, string[]>();
  /** Each line keeps the time at which it was first there. */
  const linesOf = (id: string): readonly LogLine[] => {
    const container = world.containers.get(id);
    const known = times.get(id) ?? [];
    times.set(id, known);
    const fromMs = known.length === 0 ? (container?.startedMs ?? clock.nowMs()) : clock.nowMs();
    return (container?.behaviour.log ?? []).map((text, index) => {
      const at = (known[index] ??= nanos(fromMs + index));
      return { stream: "stdout", at, text };
    });
  };
  const isOver = (id: string): boolean => {
    const container = world.containers.get(id);
    return container === undefined || world.stateOf(container) === "exited";
  };

  return {
    readLog: async (id, { tail, sinceMs, follow, signal }, onLine) => {
      if (world.isOff) throw new StackError("ENGINE_UNREACHABLE", "The Docker engine doesn't answer.");
      const lines = linesOf(id).filter(
        ({ at }) => sinceMs === undefined || at >= nanos(Math.floor(sinceMs / 1000) * 1000),
      );
      for (const line of tail === undefined ? lines : lines.slice(lines.length - tail)) onLine(line);
      let told = world.containers.get(id)?.behaviour.log?.length ?? 0;
      if (!follow) return;
      while (!signal.aborted) {
        const log = linesOf(id);
        for (const line of log.slice(told)) onLine(line);
        told = log.length;
        if (isOver(id)) return;
        await turn();
      }
    },
    watch: async (project, onEvent, signal) => {
      if (world.isOff) throw new StackError("ENGINE_UNREACHABLE", "The Docker engine doesn't answer.");
      const seen = new Map<string, string>();
      const look = (isFirst: boolean): void => {
        for (const container of world.containers.values()) {
          if (container.project !== project) continue;
          const now = `${world.stateOf(container)} ${world.healthOf(container)} ${container.startedMs}`;
          const before = seen.get(container.id);
          seen.set(container.id, now);
          if (isFirst || before === now) continue;
          for (const event of eventsOf(container, before, world, clock.nowMs())) onEvent(event);
        }
      };
      look(true);
      while (!signal.aborted) {
        await turn();
        look(false);
      }
    },
  };
}

function eventsOf(
  container: FakeContainer,
  before: string | undefined,
  world: EngineWorld,
  atMs: number,
): readonly ContainerEvent[] {
  const { id: containerId, service, behaviour, startedMs } = container;
  const event = (kind: ContainerEvent["kind"], exitCode?: number): ContainerEvent => ({
    kind,
    containerId,
    service,
    at: new Date(atMs).toISOString(),
    exitCode,
    signal: undefined,
  });
  const state = world.stateOf(container);
  const wasRunning = before?.startsWith("running") === true && before.endsWith(` ${startedMs}`);
  const events: ContainerEvent[] = [];
  if (startedMs !== undefined && !wasRunning) events.push(event("started"));
  if (
    state === "running" &&
    world.healthOf(container) === "unhealthy" &&
    before?.includes("unhealthy") !== true
  )
    events.push(event("unhealthy"));
  if (state === "exited" && behaviour.oomKilled === true) events.push(event("out-of-memory"));
  if (state === "exited") events.push(event("died", behaviour.exitCode ?? 0));
  return events;
}

function nanos(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000000Z");
}
