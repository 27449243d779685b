import type { ComponentStatus } from "../../stack/launcher-status.ts";
import type { ProbeResult } from "../../stack/probes/probe-types.ts";
import type { AirflowStatus, ServiceStatus, StatusReport } from "../../stack/status-report.ts";
import type { Paint } from "../colors.ts";
import { formatAge, formatBytes, formatCount, formatDuration, formatTable } from "../format.ts";
import { renderStorage } from "./storage.ts";

export function renderStatus(report: StatusReport, paint: Paint, nowMs: number): string {
  const parts = [renderHeadline(report, paint)];
  if (report.endOfLife !== undefined) parts.push(paint.yellow(report.endOfLife));
  if (report.state !== "down" && report.state !== "engine-off")
    parts.push(renderServices(report.services, paint, nowMs));
  if (report.airflow !== undefined) parts.push(renderAirflow(report.airflow, paint, nowMs));
  if (report.mlflow !== undefined) {
    const { experiments, runs, registeredModels } = report.mlflow;
    const contents = [
      formatCount(experiments, "experiment"),
      formatCount(runs, "run"),
      formatCount(registeredModels, "registered model"),
    ];
    parts.push(`${paint.bold("MLflow")}  ${contents.join(", ")}`);
  }
  if (report.probes.length > 0) parts.push(renderProbes(report.probes, paint));
  if (report.storage !== undefined) parts.push(renderStorage(report.storage, paint, nowMs));
  for (const { at, message, log } of report.incidents ?? []) {
    const headline = `${paint.red(message)} ${paint.dim(`${formatAge(at, nowMs)} ago`)}`;
    parts.push([headline, ...log.map((line) => paint.dim(`  | ${line}`))].join("\n"));
  }
  return parts.join("\n\n");
}

function renderHeadline({ project, state, services }: StatusReport, paint: Paint): string {
  const memory = services.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0);
  const words = {
    "engine-off": paint.red("unknown, the Docker engine doesn't answer"),
    down: "down",
    paused: paint.yellow("paused"),
    partial: paint.yellow("not healthy"),
    up: paint.green("up"),
  }[state];
  const size = memory === 0 ? "" : `, ${formatBytes(memory)} of memory`;
  return `${paint.bold(`Stack ${project}`)}  ${words}${size}`;
}

function renderServices(services: readonly ServiceStatus[], paint: Paint, nowMs: number): string {
  const rows = services.flatMap((one) => [
    [
      `  ${one.service}`,
      paintState(one, paint),
      one.since === undefined || one.state === "completed" ? "" : formatAge(one.since, nowMs),
      one.memoryBytes === undefined ? "" : formatBytes(one.memoryBytes),
      one.endpoints.length === 0 ? paint.dim(firstLine(one.detail)) : paint.cyan(one.endpoints.join(" ")),
    ],
    ...renderComponents(one.components, paint, nowMs),
  ]);
  return `${paint.bold("Services")}\n${formatTable(rows)}`;
}

function renderProbes(probes: readonly ProbeResult[], paint: Paint): string {
  const rows = probes.map(({ from, to, outcome, cause, detail, durationMs }) => {
    const words = {
      ok: paint.green("ok"),
      failed: paint.red(cause ?? "failed"),
      unknown: paint.yellow("unknown"),
    }[outcome];
    return [
      `  ${from} → ${to}`,
      words,
      outcome === "ok" ? paint.dim(formatDuration(durationMs)) : paint.dim(detail),
    ];
  });
  return `${paint.bold("Hops")}\n${formatTable(rows)}`;
}

function renderComponents(
  components: readonly ComponentStatus[],
  paint: Paint,
  nowMs: number,
): readonly string[][] {
  return components.map(({ name, state, since, restarts, lastExit, memoryBytes }) => {
    const ended = lastExit === undefined ? "" : `, last ended with ${lastExit}`;
    const history = restarts === 0 ? "" : paint.yellow(`restarted ${restarts}×${ended}`);
    return [
      `    ${name}`,
      paintState({ state }, paint),
      formatAge(since, nowMs),
      formatBytes(memoryBytes),
      history,
    ];
  });
}

function paintState(
  { state }: { readonly state: ServiceStatus["state"] | ComponentStatus["state"] },
  paint: Paint,
): string {
  if (state === "healthy") return paint.green(state);
  if (state === "completed") return paint.dim(state);
  return state === "starting" || state === "paused" ? paint.yellow(state) : paint.red(state);
}

const mostFiles = 5;

function renderBroken(files: readonly string[], paint: Paint): readonly string[] {
  if (files.length === 0) return [];
  const names = files.slice(0, mostFiles).join(", ") + (files.length > mostFiles ? ", ..." : "");
  const count = formatCount(files.length, "file");
  return [`  ${paint.red(`${count} with import errors`)}  ${names}; see \`stack dags check\``];
}

function renderAirflow(
  { components, dags, brokenFiles }: AirflowStatus,
  paint: Paint,
  nowMs: number,
): string {
  const heartbeats = components.map(({ name, status, latestHeartbeat }) => [
    `  ${name}`,
    status === "healthy" ? paint.green(status) : paint.red(status),
    latestHeartbeat === undefined ? "" : paint.dim(`heartbeat ${formatAge(latestHeartbeat, nowMs)} ago`),
  ]);
  const rows = dags.map(({ dagId, isPaused, hasImportErrors, lastRun }) => {
    const state = hasImportErrors ? paint.red("import error") : isPaused ? paint.dim("paused") : "active";
    if (lastRun === undefined) return [`  ${dagId}`, state, paint.dim("never run")];
    const ended = lastRun.endedAt === undefined ? "" : ` ${formatAge(lastRun.endedAt, nowMs)} ago`;
    const color = { success: paint.green, failed: paint.red, running: paint.yellow, queued: paint.yellow }[
      lastRun.state
    ];
    return [`  ${dagId}`, state, color(`last run ${lastRun.state}${ended}`)];
  });
  const list = rows.length === 0 ? `  ${paint.dim("no DAGs yet")}` : formatTable(rows);
  const title = (text: string): string => paint.bold(text);
  return [
    title("Airflow"),
    formatTable(heartbeats),
    title("DAGs"),
    list,
    ...renderBroken(brokenFiles, paint),
  ].join("\n");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
