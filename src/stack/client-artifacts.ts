import { StackError } from "../lib/errors.ts";
import { v } from "../lib/schema.ts";
import type { ExecResult } from "./ports.ts";
import type { MlflowRun, StoredObject } from "./service-ports.ts";

/** What is read of a run through the mlflow package in Airflow's container: the one way that fits every store. */
export interface ClientArtifacts {
  /** The file that was asked for; undefined when there is none. */
  readonly content: Uint8Array | undefined;
  /** The files of the run's logged models, each by its key below the model. */
  readonly modelFiles: readonly ModelFile[];
}

export type ModelFile = Pick<StoredObject, "key" | "bytes">;

export type AskedRun = Pick<MlflowRun, "runId" | "modelIds"> & {
  /** The name that the run's model was logged with: where a 2.x client keeps it. */
  readonly model?: string | undefined;
};

export interface ClientDeps {
  /** Runs a command where tasks run. */
  readonly exec: (command: readonly string[]) => Promise<ExecResult>;
  /** The text of mlflow_artifacts.py. */
  readonly program: string;
}

const answer = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    content: v.nullable(v.string()),
    files: v.array(v.object({ key: v.string(), bytes: v.number() })),
  }),
);

/** Reads one file of a run, if a path is given, and lists its models; deletes the run's files then, if asked. Throws MLFLOW_REFUSED. */
export async function readThroughClient(
  { runId, modelIds, model }: AskedRun,
  path: string | undefined,
  { exec, program }: ClientDeps,
  isLast = false,
): Promise<ClientArtifacts> {
  const question = {
    run_id: runId,
    path: path ?? null,
    model_ids: modelIds,
    model: model ?? null,
    delete: isLast,
  };
  const result = await exec(["python", "-W", "ignore", "-c", program, JSON.stringify(question)]);
  const parsed = v.safeParse(answer, result.stdout.trim().split("\n").at(-1));
  if (result.exitCode !== 0 || !parsed.success) {
    const words = result.stderr.trim().split("\n").at(-1) ?? "";
    throw new StackError("MLFLOW_REFUSED", `The files of the run ${runId} can't be read: ${words}.`, {
      hint: "Run `stack connection test`.",
      facts: { log: result.stderr.trim().split("\n").slice(-20) },
    });
  }
  const { content, files } = parsed.output;
  return { content: content === null ? undefined : bytesFrom(content), modelFiles: files };
}

function bytesFrom(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.codePointAt(0) ?? 0);
}
