import { StackError } from "../../lib/errors.ts";
import { parseShape, v } from "../../lib/schema.ts";
import type { SeedDeps } from "./seed-types.ts";

/** What to compute once more; each name is a function of the program. */
export interface RecomputeRequest {
  readonly features?: { readonly scaler: string; readonly train: string; readonly test: string };
  readonly training?: { readonly model: string; readonly rows: string };
  readonly predictions?: { readonly model: string; readonly rows: string; readonly stored: string };
}

/** SHA-256 of a stored file, and of what it should hold, hex. */
const comparison = { rows: v.number(), stored: v.string(), recomputed: v.string() };
const numbers = v.record(v.string(), v.number());

const answer = v.object({
  features: v.optional(
    v.object({
      train: v.object(comparison),
      test: v.object(comparison),
      total: v.number(),
      /** Rows of the data set that are in exactly one of the two. */
      once: v.number(),
      means: numbers,
    }),
  ),
  training: v.optional(v.object({ params: v.record(v.string(), v.string()), errors: numbers })),
  predictions: v.optional(v.object({ ...comparison, errors: numbers })),
});

export type Recomputed = v.InferOutput<typeof answer>;

/**
 * Computes the pipeline's results once more in an Airflow container, where the versions of its packages are.
 * Throws SEED_FAILED with the last lines of the program.
 */
export async function recompute(deps: SeedDeps, request: RecomputeRequest): Promise<Recomputed> {
  if (Object.keys(request).length === 0) return {};
  const { bundled, clock, compose, emit, signal, target } = deps;
  const id = "recompute";
  const startedMs = clock.nowMs();
  emit({ kind: "step", id, status: "started", text: "Computing the results once more" });
  const command = ["python", "-c", await bundled.seedProgram("recompute.py")];
  const input = new TextEncoder().encode(JSON.stringify(request));
  const result = await compose.exec(target.project, target.airflowService, command, { input, signal });
  if (result.exitCode !== 0) {
    emit({ kind: "step", id, status: "failed", text: "The results could not be computed again" });
    const output = result.stderr.trimEnd().split("\n").slice(-20);
    throw new StackError(
      "SEED_FAILED",
      `The results could not be computed again in ${target.airflowService}: ${output.at(-1) ?? "no output"}.`,
      {
        hint: "Run `stack status` to see whether Airflow, MLflow and MinIO are up.",
        facts: { service: target.airflowService, exitCode: result.exitCode, output },
      },
    );
  }
  const elapsedMs = Math.round(clock.nowMs() - startedMs);
  emit({ kind: "step", id, status: "done", text: "Computed the results once more", elapsedMs });
  // MLflow may have printed something before.
  const line = result.stdout.trimEnd().split("\n").at(-1) ?? "";
  return parseShape(v.pipe(v.string(), v.parseJson(), answer), line, "The answer of recompute.py");
}
