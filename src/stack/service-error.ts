import { StackError } from "../lib/errors.ts";
import type { ServiceHealth } from "./health.ts";
import type { History } from "./incidents.ts";
import type { ContainerObservation, Engine } from "./ports.ts";

const linesToShow = 20;
// Of these the launchers in our images may have written some.
const linesToRead = 200;
const ours = /^(?:launcher *\||launcher:|provision:)/u;

/** What happened to a failed service: how it ended, how often, and what it and its healthcheck said last. */
export async function serviceError(
  health: ServiceHealth,
  engine: Pick<Engine, "readLog">,
  history?: History,
): Promise<StackError> {
  const { container, service, state } = health;
  const log = container === undefined ? [] : await lastWords(container, engine);
  const checked = container?.healthOutput ?? "";
  const deaths = Math.max(history?.deaths ?? 0, container?.restartCount ?? 0);
  const parts = [
    `The service ${service} ${describe(health, history)}.`,
    ...(deaths > 1 ? [`It has ended ${deaths} times since it was started.`] : []),
    ...(state === "exited" && checked !== "" ? [`Its last healthcheck said: ${checked}.`] : []),
  ];
  return new StackError("SERVICE_UNHEALTHY", parts.join(" "), {
    hint:
      container === undefined
        ? "See `stack status`."
        : `See its whole log with \`stack logs ${service} --tail all\`; correct the cause and run \`stack up\` again.`,
    facts: {
      service,
      state,
      ...(container !== undefined && state === "exited" ? { exitCode: container.exitCode } : {}),
      outOfMemory: container?.oomKilled === true || history?.wasOutOfMemory === true,
      deaths,
      healthcheck: checked,
      log,
    },
  });
}

function describe({ state, detail, container }: ServiceHealth, history: History | undefined): string {
  if (state !== "exited" || container === undefined) {
    if (state === "unhealthy")
      return `is unhealthy (${detail === "" ? "its healthcheck fails without a word" : detail})`;
    const what = state === "exited" ? "exited" : "keeps ending";
    return detail === "" ? what : `${what} (${detail})`;
  }
  if (container.oomKilled || history?.wasOutOfMemory === true) {
    return "was killed because it reached its memory limit (exit code 137)";
  }
  const { exitCode } = container;
  const sent = history?.signal;
  if (sent !== undefined && sent !== sigkill)
    return `was stopped from outside (signal ${sent}, exit code ${exitCode})`;
  if (exitCode === killed) {
    return sent === sigkill
      ? "was killed from outside (SIGKILL, exit code 137)"
      : "was killed (SIGKILL, exit code 137), and not at its own memory limit: the machine ran out of memory, or someone did it";
  }
  return `exited (exit code ${exitCode})`;
}

const sigkill = 9;
const killed = 137;

/** What a service that isn't there in time said last, put to the error that says so. */
export async function explainTimeout(
  error: StackError,
  missing: ServiceHealth | undefined,
  engine: Pick<Engine, "readLog">,
): Promise<StackError> {
  if (missing?.container === undefined) return error;
  const { service, container } = missing;
  const checked =
    container.healthOutput === "" ? "" : ` The healthcheck of ${service} said: ${container.healthOutput}.`;
  return new StackError(error.code, `${error.message}${checked}`, {
    hint: `See what it waits for with \`stack logs ${service} --tail all\`, or give it longer with --timeout.`,
    facts: {
      ...error.facts,
      service,
      healthcheck: container.healthOutput,
      log: await lastWords(container, engine),
    },
  });
}

/** Of its present life, and of its own: not what a launcher of ours says about it. */
async function lastWords(
  { id, startedAt }: ContainerObservation,
  engine: Pick<Engine, "readLog">,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const { signal } = new AbortController();
  await engine.readLog(id, { tail: linesToRead, after: startedAt, follow: false, signal }, ({ text }) =>
    lines.push(text),
  );
  const written = lines.filter((line) => line !== "");
  const own = written.filter((line) => !ours.test(line));
  return (own.length === 0 ? written : own).slice(-linesToShow);
}
