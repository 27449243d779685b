import { StackError } from "../lib/errors.ts";
import { parseShape, v } from "../lib/schema.ts";
import type { ComposeFile } from "./compose-types.ts";
import { downStack } from "./down.ts";
import { airflowServices } from "./layout.ts";
import type { BundledFiles } from "./bundled-files.ts";
import type { ExecResult, ProjectFiles } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import { fernetKeysFile } from "./services/airflow-paths.ts";
import type { StackSpec } from "./spec.ts";
import { composePath, secretsPath } from "./stack-folder.ts";
import type { StartDeps } from "./start-services.ts";
import { startAndWait } from "./wait-healthy.ts";

export interface SettleDeps extends StartDeps {
  readonly bundled: BundledFiles;
  readonly files: ProjectFiles;
}

export interface SettleTarget {
  readonly spec: StackSpec;
  readonly file: ComposeFile;
  readonly secrets: Secrets;
  readonly timeoutMs: number;
}

const stores = ["postgres", "minio"] as const;

/**
 * Has the data in the volumes open to the secrets on disk, whatever secrets it had before: database roles, users of the
 * buckets, what Airflow keeps encrypted. What runs is stopped first, and afterwards the databases run alone. Each step
 * may be repeated, so one that was cut short is made whole by the next. Throws SECRETS_LOST when no known key opens
 * what Airflow encrypted.
 */
export async function settleSecrets(target: SettleTarget, deps: SettleDeps): Promise<void> {
  const { spec, file, secrets, timeoutMs } = target;
  const { bundled, clock, compose, emit, engine } = deps;
  const startedMs = clock.nowMs();
  const step = { kind: "step", id: "secrets" } as const;
  emit({ ...step, status: "started", text: "Giving the data its secrets" });
  // Nothing may hold on to what is about to be refused.
  await downStack(spec.project, { volumes: false }, deps);
  const services = stores.filter((name) => name in file.services);
  const started = await startAndWait(
    { project: spec.project, services, oneShots: [], before: [], timeoutMs },
    async (until) => {
      await compose.up(composePath, { services, signal: until });
    },
    deps,
  );
  const containers = started.services.flatMap(({ container }) => container ?? []);
  const runIn = async (service: string, shell: string, program: string, env = {}): Promise<void> => {
    const container = containers.find((one) => one.service === service);
    if (container === undefined) return;
    const command = [shell, "-c", await bundled.seedProgram(program)];
    answerOf(service, await engine.exec(container.id, command, env));
  };
  await runIn("postgres", "bash", "settle_roles.sh");
  await runIn("minio", "sh", "settle_store.sh", { KEEP: secrets.S3_ACCESS_KEY });
  await settleFernet(spec, deps);
  const elapsedMs = Math.round(clock.nowMs() - startedMs);
  emit({ ...step, status: "done", text: "The data has its secrets", elapsedMs });
}

const fernetAnswer = v.object({ encrypted: v.number(), closed: v.array(v.string()) });

async function settleFernet(spec: StackSpec, { bundled, compose, signal }: SettleDeps): Promise<void> {
  const service = airflowServices(spec).scheduler;
  const command = ["python", "-c", await bundled.seedProgram("settle_fernet.py"), fernetKeysFile];
  const output = answerOf(service, await compose.run(composePath, service, command, { signal }));
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  const { closed } = parseShape(
    v.pipe(v.string(), v.parseJson(), fernetAnswer),
    line,
    "The answer of settle_fernet.py",
  );
  if (closed.length === 0) return;
  throw new StackError(
    "SECRETS_LOST",
    `The key that Airflow encrypted ${closed.join(", ")} with is neither in ${secretsPath} nor kept beside the data.`,
    {
      hint: `Put the line STACK_SECRET_FERNET_KEY back into ${secretsPath} from a backup and run \`stack up\`. Without one, delete what it closed, for a connection: docker compose -f ${composePath} exec postgres psql -U postgres airflow -c "delete from connection where conn_id = 'NAME'"`,
      facts: { closed },
    },
  );
}

/**
 * Keeps the key that Airflow runs with beside its data, where the loss of the project's folder doesn't reach it: for
 * Airflow's user alone, whose processes have it in their environment too. Fails when the volume can't be written.
 */
export async function keepFernetKey(spec: StackSpec, { engine }: Pick<StartDeps, "engine">): Promise<void> {
  const service = airflowServices(spec).scheduler;
  const scheduler = (await engine.containers(spec.project)).find((one) => one.service === service);
  if (scheduler === undefined) return;
  answerOf(service, await engine.exec(scheduler.id, ["bash", "-c", keepKey], {}));
}

/** The same while Airflow may not run, in a container of its own, with the compose file and the secrets on disk. */
export async function keepFernetKeyOnDisk(
  spec: StackSpec,
  { compose, signal }: Pick<StartDeps, "compose" | "signal">,
): Promise<void> {
  const service = airflowServices(spec).scheduler;
  answerOf(service, await compose.run(composePath, service, ["bash", "-c", keepKey], { signal }));
}

// A process list would show an argument.
const keepKey = `set -eu
umask 077
file=${fernetKeysFile}
mkdir -p "\${file%/*}"
grep -qsxF -f <(printf '%s\\n' "$AIRFLOW__CORE__FERNET_KEY") -- "$file" && exit
{ printf '%s\\n' "$AIRFLOW__CORE__FERNET_KEY"; cat "$file" 2>/dev/null || true; } >"$file.draft"
mv "$file.draft" "$file"
`;

/** What it printed. Throws SECRETS_UNSETTLED with its last words. */
function answerOf(service: string, { exitCode, stdout, stderr }: ExecResult): string {
  if (exitCode === 0) return stdout;
  const output = (stderr === "" ? stdout : stderr).trimEnd().split("\n").slice(-20);
  throw new StackError(
    "SECRETS_UNSETTLED",
    `${service} could not be given the stack's secrets: ${output.at(-1) ?? "no output"}.`,
    {
      hint: "Correct the cause and run `stack up`: it goes on from there, and no data is lost.",
      facts: { service, exitCode, output },
    },
  );
}
