import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { checkDags } from "../stack/dags-check/check-dags.ts";
import type { DagsCheckResult } from "../stack/dags-check/check-types.ts";

/** `failure` is DAG_IMPORT_FAILED when a file doesn't import. Throws what building the image throws. */
export async function dagsCheck(
  context: Context,
): Promise<{ readonly report: DagsCheckResult; readonly failure: StackError | undefined }> {
  const project = await context.project();
  const [engine, compose, builder, system, files, bundled] = await Promise.all([
    context.engine(),
    context.compose(),
    context.builder(),
    context.system(),
    context.files(),
    context.bundled(),
  ]);
  const { clock, emit, signal } = context;
  const deps = { engine, compose, builder, system, files, bundled, clock, emit, signal };
  const report = await checkDags(project, deps);
  return { report, failure: failureOf(report) };
}

function failureOf({ errors }: DagsCheckResult): StackError | undefined {
  const [first] = errors;
  if (first === undefined) return undefined;
  const where = first.line === undefined ? first.file : `${first.file}, line ${first.line}`;
  const more = errors.length === 1 ? "" : ` ${errors.length - 1} more file(s) fail too.`;
  return new StackError("DAG_IMPORT_FAILED", `Airflow cannot import ${where}: ${first.message}.${more}`, {
    hint: "Correct it, then run `stack dags check` again.",
    facts: { files: errors.map(({ file }) => file), log: first.trace },
  });
}
