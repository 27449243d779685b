import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { guardServices } from "../stack/guard-services.ts";
import { endpointsOf } from "../stack/endpoints.ts";
import { airflowServices } from "../stack/layout.ts";
import { elsewhereOf } from "../stack/mlflow-spec.ts";
import { appliedSpec } from "../stack/project.ts";
import { listDags, type DagList } from "../stack/seed/list-dags.ts";
import type { SeedOptions, SeedResult } from "../stack/seed/seed-types.ts";
import { seed } from "../stack/seed/seed.ts";
import { serviceTarget } from "../stack/service-target.ts";
import { requireSecrets } from "../stack/stack-folder.ts";

const dagsDir = "dags";

/** What ships with the tool to be seeded, and what of it this project has; needs no running stack. */
export async function listSeedDags(context: Context): Promise<DagList> {
  const [project, files, bundled] = await Promise.all([
    context.project(),
    context.files(),
    context.bundled(),
  ]);
  return await listDags({ files, bundled }, { dagsDir, line: appliedSpec(project).line });
}

/** Seeds the running stack of this project. Throws STACK_NOT_RUNNING, and what `seed` throws. */
export async function seedCommand(context: Context, options: SeedOptions): Promise<SeedResult> {
  const spec = appliedSpec(await context.project());
  const [engine, system, files, compose, bundled] = await Promise.all([
    context.engine(),
    context.system(),
    context.files(),
    context.compose(),
    context.bundled(),
  ]);
  const containers = await engine.containers(spec.project);
  if (!containers.some(({ state }) => state === "running")) {
    const message = `There is nothing to seed: the stack ${spec.project} is not running.`;
    throw new StackError("STACK_NOT_RUNNING", message, { hint: "Start it with `stack up`." });
  }
  const { clock, emit, signal } = context;
  const clients = await context.clients(spec, await requireSecrets(files));
  const target = {
    bucket: spec.bucket,
    project: spec.project,
    airflowService: airflowServices(spec).scheduler,
    dagsDir,
    line: spec.line,
    endpoints: endpointsOf(spec),
    mlflow: elsewhereOf(spec),
  };
  const deps = { ...clients, files, compose, bundled, clock, emit, target };
  return await guardServices(
    serviceTarget(spec),
    { engine, system, clock, emit, signal },
    async (until) => await seed({ ...deps, signal: until }, options),
  );
}
