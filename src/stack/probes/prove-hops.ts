import type { Emit } from "../events.ts";
import { endpointsOf } from "../endpoints.ts";
import { airflowServices } from "../layout.ts";
import { elsewhereOf } from "../mlflow-spec.ts";
import type { StackSpec } from "../spec.ts";
import { probeError, probeStack, type ProbeDeps } from "./matrix.ts";
import type { ProbeCause, ProbeResult } from "./probe-types.ts";

const retryEveryMs = 300;
// A call that gets no answer takes five seconds itself, and is worth another.
const retryForMs = 10_000;
// Faults of a service that has just begun to answer; the others don't heal by themselves.
const passing: ReadonlySet<ProbeCause | undefined> = new Set<ProbeCause>([
  "connection-refused",
  "no-answer",
  "unexpected-answer",
]);

/** The probe matrix of a healthy stack, with a little patience for one that has just started. Throws PROBE_FAILED. */
export async function proveHops(
  spec: StackSpec,
  deps: ProbeDeps & { readonly emit: Emit },
): Promise<readonly ProbeResult[]> {
  const startedMs = deps.clock.nowMs();
  const elapsedMs = (): number => deps.clock.nowMs() - startedMs;
  const text = "hops between services";
  deps.emit({ kind: "step", id: "probes", status: "started", text });
  for (;;) {
    const results = await probeStack(
      {
        containers: await deps.engine.containers(spec.project),
        line: spec.line,
        schedulerService: airflowServices(spec).scheduler,
        bucket: spec.bucket,
        endpoints: endpointsOf(spec),
        mlflow: elsewhereOf(spec),
      },
      deps,
    );
    const error = probeError(results);
    if (error === undefined) {
      const working = results.filter(({ outcome }) => outcome === "ok").length;
      deps.emit({
        kind: "step",
        id: "probes",
        status: "done",
        text,
        detail: `${working} of ${results.length} work`,
        elapsedMs: elapsedMs(),
      });
      for (const words of unproven(results)) deps.emit({ kind: "note", level: "warning", text: words });
      return results;
    }
    const mayHeal = results.every(({ outcome, cause }) => outcome !== "failed" || passing.has(cause));
    if (!mayHeal || elapsedMs() > retryForMs) {
      deps.emit({ kind: "step", id: "probes", status: "failed", text, elapsedMs: elapsedMs() });
      throw error;
    }
    await deps.clock.sleep(retryEveryMs, deps.signal);
  }
}

/** What an image of the user's own can't make: nobody knows whether it works. */
function unproven(results: readonly ProbeResult[]): readonly string[] {
  const unknown = results.filter(({ outcome }) => outcome === "unknown");
  if (unknown.length === 0) return [];
  const hops = unknown.map(({ from, to }) => `${from} -> ${to}`).join(", ");
  return [`not proven, since the container has nothing to make the call with (bash and curl): ${hops}`];
}
