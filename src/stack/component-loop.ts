import { StackError } from "../lib/errors.ts";
import { readLauncherStatus } from "./launcher-status.ts";
import type { ContainerObservation, Engine } from "./ports.ts";

const mostRestarts = 3;
const linesToRead = 400;
const linesToShow = 20;

/** One of Airflow's components that ends as often as it is started, as an error with its last words. */
export async function findComponentLoop(
  container: ContainerObservation,
  engine: Pick<Engine, "readFile" | "readLog">,
): Promise<StackError | undefined> {
  const status = await readLauncherStatus(engine, container);
  const looping = status?.components.find(
    ({ state, restarts }) => restarts >= mostRestarts && state !== "healthy",
  );
  if (looping === undefined) return undefined;
  const { name, restarts, lastExit } = looping;
  const prefix = new RegExp(`^${name} *\\|`, "u");
  const log: string[] = [];
  const request = { tail: linesToRead, follow: false, signal: new AbortController().signal };
  await engine.readLog(container.id, request, ({ text }) => {
    if (prefix.test(text)) log.push(text);
  });
  const why = lastExit === undefined ? "" : `, last with ${lastExit}`;
  return new StackError(
    "SERVICE_UNHEALTHY",
    `Airflow's ${name} keeps ending${why}; it was started again ${restarts} times.`,
    {
      hint: `See its whole log with \`stack logs ${name} --tail all\`; correct the cause and run \`stack up\` again.`,
      facts: { service: container.service, component: name, restarts, log: log.slice(-linesToShow) },
    },
  );
}
