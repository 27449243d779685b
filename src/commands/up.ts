import type { Context } from "../context.ts";
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
  const { clock, emit, signal, clients: connect } = context;
  return await upStack(project, options, {
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
  });
}
