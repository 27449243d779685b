import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./exec.ts";
import { markdownTable } from "./report.ts";

export interface ResultsPage {
  readonly machine: readonly string[];
  readonly rounds: number;
  /** What was measured in the first round alone. */
  readonly once: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
  /** Of `--scaling`. */
  readonly scaling: readonly (readonly string[])[] | undefined;
  /** Of `--logins`. */
  readonly logins: readonly (readonly string[])[] | undefined;
}

/** Writes bench/RESULTS.md. */
export async function writeResultsPage(page: ResultsPage): Promise<void> {
  await writeFile(join(repository, "bench", "RESULTS.md"), pageText(page));
}

export function pageText(page: ResultsPage): string {
  const notes = page.notes.length === 0 ? [] : ["", ...page.notes.map((note) => `- ${note}`)];
  return [
    "# Results",
    "",
    `Written by \`make bench\`. Medians of ${page.rounds} round(s), lowest and highest in brackets. Both layouts run the same`,
    'images on one machine, one after the other in every round. "By hand" is',
    "[peers/diy/compose.yaml](peers/diy/compose.yaml): the services as Airflow's and MLflow's own compose files run them.",
    ...page.once.map((what) => `Not a median, but waited for once, in the first round: ${what}.`),
    "",
    ...page.machine.map((line) => `- ${line}`),
    "",
    markdownTable(page.rows),
    ...notes,
    ...section("How cost grows", growth, page.scaling),
    ...section("What MLflow's logins cost", loginCost, page.logins),
    "",
  ].join("\n");
}

const growth = [
  'Of the stack. Medians of n readings, lowest and highest in brackets; "adds" is the difference from one DAG file, or from',
  "one stack. With DAG files the folder holds these and no others.",
];
const loginCost = [
  "Medians of calls to the stack's MLflow, one after the other, with `mlflow.auth` set to `none` and to `basic` in turns.",
];

/** A table with its title and what it shows; nothing where it was not asked for. */
function section(
  title: string,
  words: readonly string[],
  rows: readonly (readonly string[])[] | undefined,
): readonly string[] {
  return rows === undefined ? [] : ["", `## ${title}`, "", ...words, "", markdownTable(rows)];
}
