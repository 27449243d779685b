import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { endpointsOf } from "../stack/endpoints.ts";
import { guardServices } from "../stack/guard-services.ts";
import { airflowServices } from "../stack/layout.ts";
import { elsewhereOf } from "../stack/mlflow-spec.ts";
import { appliedSpec } from "../stack/project.ts";
import { prove, type ProveResult } from "../stack/prove/prove.ts";
import { serviceTarget } from "../stack/service-target.ts";
import { requireSecrets } from "../stack/stack-folder.ts";

/** Runs the canary pipeline on the running stack. Throws STACK_NOT_RUNNING, and what `prove` throws. */
export async function proveCommand(context: Context, timeoutMs: number): Promise<ProveResult> {
  const spec = appliedSpec(await context.project());
  const [engine, system, files, bundled] = await Promise.all([
    context.engine(),
    context.system(),
    context.files(),
    context.bundled(),
  ]);
  const running = (await engine.containers(spec.project)).filter(({ state }) => state === "running");
  const scheduler = running.find(({ service }) => service === airflowServices(spec).scheduler);
  const mlflow = running.find(({ service }) => service === "mlflow");
  const elsewhere = elsewhereOf(spec);
  const lacksMlflow = mlflow === undefined && elsewhere === undefined;
  if (scheduler === undefined || lacksMlflow) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      `There is nothing to prove: the stack ${spec.project} is not running.`,
      {
        hint: "Start it with `stack up`.",
      },
    );
  }
  const clients = await context.clients(spec, await requireSecrets(files));
  const { clock, emit, signal } = context;
  const target = { dagsDir: "dags", line: spec.line, endpoints: endpointsOf(spec) };
  const containers = { scheduler, mlflow };
  const deps = { ...clients, engine, system, files, bundled, clock, emit, target, containers, elsewhere };
  return await guardServices(
    serviceTarget(spec),
    { engine, system, clock, emit, signal },
    async (until) => await prove({ ...deps, signal: until, bucket: spec.bucket }, timeoutMs),
  );
}
