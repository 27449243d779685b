import { StackError } from "../../lib/errors.ts";
import { parseRawHousing, type HousingSummary } from "./housing.ts";
import type { SeedDeps } from "./seed-types.ts";

export interface Dataset {
  readonly file: string;
  readonly content: Uint8Array;
  readonly summary: HousingSummary;
}

/** Reads a raw data file of this machine and checks every row. Throws DATASET_INVALID. */
export async function readDataset({ files }: Pick<SeedDeps, "files">, file: string): Promise<Dataset> {
  const content = await files.readOutside(file);
  if (content === undefined) {
    throw new StackError("DATASET_INVALID", `There is no file ${file} that can be read.`, {
      hint: "Check the path given to --dataset.",
      facts: { file },
    });
  }
  return { file, content, summary: parseRawHousing(new TextDecoder().decode(content), file) };
}

/** Puts a data set where every Airflow container looks for it, in the form that scikit-learn reads. */
export async function installDataset(deps: SeedDeps, { file, content, summary }: Dataset): Promise<void> {
  const { bundled, clock, compose, emit, signal, target } = deps;
  const startedMs = clock.nowMs();
  emit({ kind: "step", id: "dataset", status: "started", text: `Putting ${file} in place` });

  const program = await bundled.seedProgram("install_dataset.py");
  const command = ["python", "-c", program];
  const result = await compose.exec(target.project, target.airflowService, command, {
    input: content,
    signal,
  });
  if (result.exitCode !== 0) {
    const output = result.stderr.trimEnd().split("\n").slice(-20);
    const message = `The data set could not be stored in ${target.airflowService}: ${output.at(-1) ?? "no output"}.`;
    throw new StackError("SEED_FAILED", message, {
      hint: "Run `stack status` to see whether Airflow is up.",
      facts: { service: target.airflowService, exitCode: result.exitCode, output },
    });
  }
  emit({
    kind: "step",
    id: "dataset",
    status: "done",
    text: `Put ${file} in place`,
    detail: `${summary.rows} rows`,
    elapsedMs: Math.round(clock.nowMs() - startedMs),
  });
}
