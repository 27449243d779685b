import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./exec.ts";
import { markdownTable } from "./report.ts";

export interface ResultsPage {
  readonly machine: readonly string[];
  readonly rounds: number;
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
  /** Of `--scaling`. */
  readonly scaling: readonly (readonly string[])[] | undefined;
}

/** Writes bench/RESULTS.md. */
export async function writeResultsPage(page: ResultsPage): Promise<void> {
  const scaling =
    page.scaling === undefined ? [] : ["", "## How cost grows", "", markdownTable(page.scaling)];
  const notes = page.notes.length === 0 ? [] : ["", ...page.notes.map((note) => `- ${note}`)];
  const lines = [
    "# Results",
    "",
    `Written by \`make bench\`. Medians of ${page.rounds} round(s), lowest and highest in brackets. Both layouts run the same`,
    'images on one machine, one after the other in every round. "By hand" is',
    "[peers/diy/compose.yaml](peers/diy/compose.yaml): the services as Airflow's and MLflow's own compose files run them.",
    "",
    ...page.machine.map((line) => `- ${line}`),
    "",
    markdownTable(page.rows),
    ...notes,
    ...scaling,
    "",
  ];
  await writeFile(join(repository, "bench", "RESULTS.md"), lines.join("\n"));
}
