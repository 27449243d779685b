import { pollUntil } from "../lib/poll.ts";
import type { ComposeFile } from "./compose-types.ts";
import type { ContainerObservation } from "./ports.ts";
import type { StartDeps } from "./start-services.ts";

// The engine checks what it has thawed after one interval of the healthcheck: 30 seconds for the stack's own.
const longestMs = 60_000;
const lookAgainEveryMs = 500;

/**
 * Waits until the engine has checked again those containers that were frozen and that others wait for: until then it
 * calls them unhealthy, and Compose starts nothing that depends on them. Where none was frozen it returns at once.
 */
export async function awaitChecks(
  file: ComposeFile,
  before: readonly ContainerObservation[],
  { engine, clock, emit }: Pick<StartDeps, "engine" | "clock" | "emit">,
  signal: AbortSignal,
): Promise<void> {
  const waitedFor = new Set(
    Object.values(file.services).flatMap(({ depends_on: on = {} }) =>
      Object.entries(on).flatMap(([name, { condition }]) => (condition === "service_healthy" ? [name] : [])),
    ),
  );
  const unchecked = (containers: readonly ContainerObservation[]): readonly string[] =>
    containers.flatMap(({ service, isUnchecked }) =>
      isUnchecked === true && waitedFor.has(service) ? [service] : [],
    );
  const names = unchecked(before);
  if (names.length === 0) return;
  const step = { kind: "step", id: "checks" } as const;
  const startedMs = clock.nowMs();
  const text = `Waiting until the engine has checked what was frozen: ${names.join(", ")}`;
  emit({ ...step, status: "started", text });
  await pollUntil(
    async () => {
      const isThrough = unchecked(await engine.containers(file.name)).length === 0;
      // Longer than that it says itself, through Compose, what is wrong.
      return isThrough || clock.nowMs() - startedMs >= longestMs ? true : undefined;
    },
    { clock, intervalMs: lookAgainEveryMs, timeoutMs: Infinity, signal, describe: () => text },
  );
  const elapsedMs = Math.round(clock.nowMs() - startedMs);
  emit({ ...step, status: "done", text: "The engine has checked what was frozen", elapsedMs });
}
