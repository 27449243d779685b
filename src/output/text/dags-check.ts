import type { DagsCheckResult, UpgradeFinding } from "../../stack/dags-check/check-types.ts";
import type { Paint } from "../colors.ts";
import { formatDuration, formatTable } from "../format.ts";

export function renderDagsCheck(result: DagsCheckResult, paint: Paint): string {
  const { airflow, dags, errors, upgrades, elapsedMs } = result;
  const headline = `${dags.length} ${dags.length === 1 ? "DAG" : "DAGs"} imported by Airflow ${airflow} in ${formatDuration(elapsedMs)}`;
  const blocks = [paint.bold(headline)];
  if (dags.length > 0) {
    blocks.push(
      formatTable(
        dags.map(({ dagId, file, tasks }) => [
          `  ${paint.green("✔")} ${dagId}`,
          `${tasks} ${tasks === 1 ? "task" : "tasks"}`,
          paint.dim(file),
        ]),
      ),
    );
  }
  for (const { file, line, message } of errors)
    blocks.push(`  ${paint.red("✖")} ${line === undefined ? file : `${file}:${line}`}  ${message}`);
  const breaking = upgrades.filter(({ kind }) => kind === "breaks");
  const deprecated = upgrades.filter(({ kind }) => kind === "deprecated");
  if (breaking.length > 0) blocks.push(...section("Breaks on Airflow 3", breaking, paint.red, paint));
  if (deprecated.length > 0)
    blocks.push(...section("Works on Airflow 3, goes later", deprecated, paint.yellow, paint));
  return blocks.join("\n");
}

function section(
  title: string,
  findings: readonly UpgradeFinding[],
  color: (text: string) => string,
  paint: Paint,
): readonly string[] {
  return [
    "",
    color(title),
    ...findings.flatMap(({ file, line, code, message, replacement }) => [
      `  ${file}:${line}  ${message} ${paint.dim(code)}`,
      ...(replacement === undefined ? [] : [paint.dim(`      ${replacement}`)]),
    ]),
  ];
}
