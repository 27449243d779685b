import type { ConnectionForms } from "../../stack/connection/connection-forms.ts";
import type { ConnectionCheck, ConnectionTest } from "../../stack/connection/connection-test.ts";
import type { Paint } from "../colors.ts";
import { formatDuration, formatTable } from "../format.ts";

export function renderConnectionForms(forms: ConnectionForms, paint: Paint): string {
  const client = Object.entries(forms.client).map(([name, value]) => `${name}=${value}`);
  const parts = [
    ["Variable for Airflow", forms.environment],
    ["JSON", forms.json],
    ["URI", forms.uri],
    ["Command", forms.command],
    ["Variables for the mlflow package", client.join("\n")],
  ].map(([title = "", text = ""]) => `${paint.bold(title)}\n${text}`);
  const note = forms.isRevealed ? [] : [paint.dim("The password is masked; --reveal prints it.")];
  return [...parts, ...note].join("\n\n");
}

export function renderConnectionTest(test: ConnectionTest, paint: Paint): string {
  const login = test.login === undefined ? "" : ` as ${test.login}`;
  const rows = test.checks.map((check) => [
    `  from ${check.from}`,
    wordOf(check, paint),
    check.outcome === "ok" ? paint.dim(formatDuration(check.durationMs)) : paint.dim(check.detail),
  ]);
  const parts = [
    `${paint.bold(`MLflow (${test.mode}) at ${test.url}`)}${login}\n${test.call}\n${formatTable(rows)}`,
  ];
  if (test.isApplied === false) {
    parts.push(paint.yellow("The running stack has other settings; `stack up` applies these."));
  }
  if (test.testButton !== undefined) {
    parts.push(`POST / ${test.testButton.status}\n${paint.dim(test.testButton.meaning)}`);
  }
  return parts.join("\n\n");
}

function wordOf({ outcome, code }: ConnectionCheck, paint: Paint): string {
  if (outcome === "ok") return paint.green("ok");
  return outcome === "unknown" ? paint.yellow("unknown") : paint.red(code ?? "failed");
}
