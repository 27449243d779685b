import { StackError } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import type { Engine } from "./ports.ts";
import type { ProbeCause } from "./probes/probe-types.ts";

interface RemakeDeps {
  readonly engine: Pick<Engine, "containers" | "restart">;
  readonly emit: Emit;
}

/**
 * Does `prove`; when that finds a bucket missing, has it made anew for the next `up`. Throws what `prove` does all the
 * same: what was in the bucket is lost.
 */
export async function remakingBuckets<T>(
  prove: () => Promise<T>,
  { project }: { readonly project: string },
  deps: RemakeDeps,
): Promise<T> {
  try {
    return await prove();
  } catch (error) {
    if (!(error instanceof StackError) || !tellsOfLoss(error)) throw error;
    throw (await remake(error, project, deps)) ?? error;
  }
}

function tellsOfLoss({ facts: { causes } }: StackError): boolean {
  const missing: ProbeCause = "bucket-missing";
  return Array.isArray(causes) && causes.includes(missing);
}

/** Whoever makes the buckets does it at each start. */
async function remake(
  error: StackError,
  project: string,
  { engine, emit }: RemakeDeps,
): Promise<StackError | undefined> {
  const containers = await engine.containers(project);
  const maker =
    containers.find(({ service }) => service === "minio-init") ??
    containers.find(({ service }) => service === "minio");
  if (maker === undefined) return undefined;
  const text = `${maker.service} is started again, which makes the bucket anew; what was in it is gone`;
  emit({ kind: "note", level: "warning", text });
  await engine.restart([maker.id]);
  return new StackError(error.code, error.message, {
    hint: "Run `stack up` again: the bucket is made anew, and what was in it is gone.",
    facts: error.facts,
    cause: error,
  });
}
