import type { Context } from "../context.ts";
import { explainByMachine } from "../stack/explain-by-machine.ts";
import { findMlflowPassword } from "../stack/mlflow-password.ts";
import { elsewhereOf } from "../stack/mlflow-spec.ts";
import { previewCompose, upStack, type UpOptions, type UpResult } from "../stack/up.ts";

/** The compose file that `stack up` would write. */
export async function dryRunUp(context: Context): Promise<string> {
  const [project, bundled, system, files, caFile] = await Promise.all([
    context.project(),
    context.bundled(),
    context.system(),
    context.files(),
    context.caFile(),
  ]);
  return await previewCompose(project, { bundled, system, files, caFile });
}

export async function up(context: Context, options: UpOptions): Promise<UpResult> {
  const project = await context.project();
  const [engine, compose, builder, system, files, bundled, caFile] = await Promise.all([
    context.engine(),
    context.compose(),
    context.builder(),
    context.system(),
    context.files(),
    context.bundled(),
    context.caFile(),
  ]);
  const { clock, emit, signal, env, askSecret, clients: connect } = context;
  const mlflowPassword = await findMlflowPassword(project, { env, files, askSecret });
  // What is wrong with an MLflow elsewhere is wrong before anything is started.
  if (elsewhereOf(project.spec) !== undefined) {
    const mlflow = await context.mlflow(project.spec, { MLFLOW_ELSEWHERE_PASSWORD: mlflowPassword });
    await mlflow.ping(signal);
  }
  const deps = {
    engine,
    compose,
    builder,
    system,
    files,
    bundled,
    caFile,
    clock,
    emit,
    signal,
    connect,
    mlflowPassword,
  };
  try {
    return await upStack(project, options, deps);
  } catch (error) {
    throw await explainByMachine(error, deps);
  }
}
