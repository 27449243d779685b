import type { Check, SeededDag, SeedResult } from "../../stack/seed/seed-types.ts";
import type { Paint } from "../colors.ts";
import { formatDuration, formatTable } from "../format.ts";

/** What was seeded, what was found of it, and where to look at it. */
export function renderSeed({ dataset, dags }: SeedResult, paint: Paint): string {
  const parts = dags.map((dag) => renderDag(dag, paint));
  if (dataset !== undefined) {
    parts.unshift(`${paint.bold("Data set")}  ${dataset.file}, ${dataset.rows} rows, in place for every DAG`);
  }
  return parts.join("\n\n");
}

function renderDag(dag: SeededDag, paint: Paint): string {
  const { dagId, file, run, startedBy, checks, datasetSource, links } = dag;
  if (run === undefined) {
    return `${paint.bold(dagId)}  ready to run, from ${file}\n  ${paint.dim(`run it with: stack seed ${dagId}`)}`;
  }
  const outcome = `${paint.green("succeeded")} in ${formatDuration(run.durationMs)}`;
  const blocks = [`${paint.bold(dagId)}  ${outcome}  ${paint.dim(run.runId)}`];
  if (startedBy !== undefined) blocks.push(`  started by ${startedBy}, which updated its asset`);
  if (datasetSource !== undefined) blocks.push(`  data: ${renderSource(datasetSource, paint)}`);
  if (checks.length > 0) blocks.push(formatTable(checks.map((check) => checkRow(check, paint))));
  if (links.length > 0)
    blocks.push(formatTable(links.map(({ title, url }) => [`  ${title}`, paint.cyan(url)])));
  return blocks.join("\n");
}

function checkRow({ name, outcome, expected, found }: Check, paint: Paint): string[] {
  if (outcome === "passed") return [`  ${paint.green("✔")} ${name}`, found];
  return [`  ${paint.red("✖")} ${name}`, `${found}, expected ${expected}`];
}

function renderSource(source: string, paint: Paint): string {
  switch (source) {
    case "scikit-learn-data":
      return "the rows in Airflow's data folder";
    case "downloaded":
      return "the real rows, downloaded by the run";
    case "generated-sample":
      return paint.yellow("a generated sample, not real rows");
    default:
      return source;
  }
}
