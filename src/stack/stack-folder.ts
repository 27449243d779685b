import { StackError } from "../lib/errors.ts";
import { v } from "../lib/schema.ts";
import type { ProjectFiles } from "./ports.ts";
import type { TaskTry } from "./service-ports.ts";
import { airflowLayouts, type AirflowLayout } from "./layout.ts";
import type { MovedPorts } from "./resolve-spec.ts";
import { lines, type Line } from "./lines.ts";
import { mlflowAuths, type MlflowSpec } from "./mlflow-spec.ts";
import type { StackSpec } from "./spec.ts";
import {
  completeSecrets,
  findSecretsHint,
  isWhole,
  parseSecrets,
  renderSecrets,
  soundSecretsIn,
  type Secrets,
} from "./secrets.ts";

/** The generated folder inside the project; nothing in it is the user's to edit. */
export const stackFolder = ".stack";
export const composePath = `${stackFolder}/compose.yaml`;
/** Compose reads a `.env` beside its file by itself, so plain `docker compose` finds the secrets too. */
export const secretsPath = `${stackFolder}/.env`;
export const timingsPath = `${stackFolder}/timings.json`;
/** Beside the secrets, which Compose fills in from there. */
export const checkPath = `${stackFolder}/check.yaml`;
export const buildFolder = `${stackFolder}/build`;
/** Held by the command that changes the stack, while it does. */
export const lockPath = `${stackFolder}/lock`;
export const ignorePath = `${stackFolder}/.gitignore`;
export const statePath = `${stackFolder}/state.json`;

/** What a stack remembers between commands. */
export interface StackState {
  /** The Compose project; kept, so that a moved folder finds its data again. */
  readonly project: string;
  /** Digest of the compose file and the secrets that last came up; empty before that. */
  readonly applied: string;
  /** Digest of the secrets that the data in the volumes is known to have; empty when that isn't known. */
  readonly settled: string;
  /** What the running containers were given, whatever stack.yaml says by now. */
  readonly ports: StackSpec["ports"];
  /** Those of them that no setting names and that are not the defaults, since these were taken. */
  readonly moved: MovedPorts;
  readonly bucket: string;
  readonly layout: AirflowLayout;
  readonly line: Line;
  readonly mlflow: MlflowSpec;
  /** A `down` has begun and, as far as is known, not ended: the engine may stop containers yet that still run. */
  readonly isStopping: boolean;
  /** The tasks that ran when the stack was paused, until a `resume` has told what became of them. */
  readonly atWork?: readonly TaskTry[] | undefined;
}

const stateSchema = v.object({
  project: v.string(),
  applied: v.string(),
  settled: v.optional(v.string(), ""),
  ports: v.object({ airflow: v.number(), mlflow: v.number(), s3: v.number(), console: v.number() }),
  moved: v.optional(
    v.object({
      airflow: v.optional(v.number()),
      mlflow: v.optional(v.number()),
      s3: v.optional(v.number()),
      console: v.optional(v.number()),
    }),
    {},
  ),
  bucket: v.string(),
  layout: v.picklist(airflowLayouts),
  line: v.optional(v.picklist(lines), "current"),
  // A state of before there was a choice has none.
  mlflow: v.optional(
    v.variant("mode", [
      v.object({
        mode: v.literal("local"),
        // Nobody was asked for a login before there was a choice.
        auth: v.optional(v.picklist(mlflowAuths), "none"),
      }),
      v.object({
        mode: v.picklist(["remote", "databricks"]),
        url: v.string(),
        login: v.optional(v.string()),
        passwordFile: v.optional(v.string()),
        caFile: v.optional(v.string()),
        experimentFolder: v.string(),
      }),
    ]),
    { mode: "local", auth: "none" },
  ),
  isStopping: v.optional(v.boolean(), false),
  atWork: v.optional(
    v.array(
      v.object({
        dagId: v.string(),
        runId: v.string(),
        taskId: v.string(),
        mapIndex: v.number(),
        tryNumber: v.number(),
      }),
    ),
  ),
});

/** Undefined before the first `up`, and when the file can't be read as one: it is only a memory. */
export async function readState(files: ProjectFiles): Promise<StackState | undefined> {
  const text = await files.read(statePath);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), stateSchema), text);
  return parsed.success ? { ...parsed.output, mlflow: mlflowOfState(parsed.output.mlflow) } : undefined;
}

/** JSON has no undefined. */
function mlflowOfState(mlflow: v.InferOutput<typeof stateSchema>["mlflow"]): MlflowSpec {
  if (mlflow.mode === "local") return mlflow;
  const { login, passwordFile, caFile } = mlflow;
  return { ...mlflow, login, passwordFile, caFile };
}

export async function writeState(files: ProjectFiles, state: StackState): Promise<void> {
  await writeIfChanged(files, statePath, `${JSON.stringify(state, undefined, 2)}\n`, 0o600);
}

/** Makes the folder, open to its owner alone and ignored by git whatever the project ignores; returns whether it wrote. */
export async function ensureStackFolder(files: ProjectFiles): Promise<boolean> {
  await files.ensureDir(stackFolder, 0o700);
  return await writeIfChanged(files, ignorePath, "*\n");
}

/** The stack's secrets; undefined before the first `up`, CONFIG_INVALID for a damaged file. */
export async function readSecrets(files: ProjectFiles): Promise<Secrets | undefined> {
  const text = await files.read(secretsPath);
  if (text === undefined) return undefined;
  const known = parseSecrets(text, secretsPath);
  return isWhole(known) ? completeSecrets(known, () => new Uint8Array()) : undefined;
}

/** The secrets of a stack that runs, and so had them. Throws CONFIG_INVALID where they are damaged or gone. */
export async function requireSecrets(files: ProjectFiles): Promise<Secrets> {
  const secrets = await readSecrets(files);
  if (secrets !== undefined) return secrets;
  const what = (await files.exists(secretsPath)) ? "some of the stack's secrets are missing" : "is gone";
  throw new StackError("CONFIG_INVALID", `${secretsPath}: ${what}.`, { hint: findSecretsHint });
}

/** What can be read of the stack's secrets, whatever became of their file. */
export async function readSoundSecrets(files: ProjectFiles): Promise<Partial<Secrets>> {
  return soundSecretsIn((await files.read(secretsPath)) ?? "");
}

/** Completes the secrets and writes them where they differ. */
export async function ensureSecrets(
  files: ProjectFiles,
  randomBytes: (count: number) => Uint8Array,
  known: Partial<Secrets>,
): Promise<Secrets> {
  const secrets = completeSecrets(known, randomBytes);
  await writeIfChanged(files, secretsPath, renderSecrets(secrets), 0o600);
  return secrets;
}

/** Returns whether it wrote. */
export async function writeIfChanged(
  files: ProjectFiles,
  path: string,
  content: string,
  mode?: number,
): Promise<boolean> {
  if ((await files.read(path)) === content) return false;
  await files.write(path, content, mode);
  return true;
}
