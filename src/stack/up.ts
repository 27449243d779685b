import type { Clock } from "../lib/clock.ts";
import { composeFile, oneShots } from "./compose-file.ts";
import type { ComposeFile } from "./compose-types.ts";
import { endpointsOf, type Endpoints } from "./endpoints.ts";
import type { Emit } from "./events.ts";
import { isWell, judgeServices, type ServiceHealth } from "./health.ts";
import { planImages, type ImagePlan } from "./images.ts";
import type {
  BundledFiles,
  Compose,
  Engine,
  ImageBuilder,
  ProjectFiles,
  System,
} from "./ports.ts";
import { checkPorts, checkTools } from "./preflight.ts";
import type { Project } from "./project.ts";
import { provideImages } from "./provide-images.ts";
import { renderCompose } from "./render.ts";
import { renderSecrets } from "./secrets.ts";
import { projectFolders } from "./services/airflow.ts";
import type { StackSpec } from "./spec.ts";
import {
  composePath,
  ensureSecrets,
  ensureStackFolder,
  writeIfChanged,
  writeState,
  type StackState,
} from "./stack-folder.ts";
import { startAndWait } from "./wait-healthy.ts";

export interface UpDeps {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly builder: ImageBuilder;
  readonly system: System;
  readonly files: ProjectFiles;
  readonly bundled: BundledFiles;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface UpOptions {
  readonly build: boolean;
  /** Longest time from the start of the containers to a healthy stack; image builds don't count. */
  readonly timeoutMs: number;
}

export interface UpResult {
  readonly project: string;
  /** False when everything was running as it should before. */
  readonly changed: boolean;
  /** Path in the project folder. */
  readonly composeFile: string;
  readonly builtImages: readonly string[];
  readonly services: readonly { readonly service: string; readonly state: string }[];
  readonly endpoints: Endpoints;
  readonly elapsedMs: number;
}

/** The compose file of a project as text, with nothing checked or touched. */
export async function previewCompose(
  project: Project,
  deps: Pick<UpDeps, "bundled" | "system" | "files">,
): Promise<string> {
  const plan = await planImages(project.spec, deps.bundled, deps.system.digest);
  return renderCompose(describe(project, plan, deps.files));
}

/** Brings the stack up; a second call finds nothing to do. Throws what the failed part throws. */
export async function upStack(project: Project, options: UpOptions, deps: UpDeps): Promise<UpResult> {
  const { spec } = project;
  const startedMs = deps.clock.nowMs();
  const info = await checkTools(deps);
  await checkPorts(spec, deps);
  deps.signal.throwIfAborted();

  const plan = await planImages(spec, deps.bundled, deps.system.digest);
  const builtImages = await provideImages(plan, info, options.build, deps);

  const file = describe(project, plan, deps.files);
  const applied = await writeFiles(project, file, deps);
  const before = await deps.engine.containers(spec.project);
  const names = Object.keys(file.services);
  const judged = judgeServices(names, oneShots(file), before);
  const isUnchanged = project.state?.applied === applied && judged.every(isWell);

  const services = isUnchanged ? judged : await start(file, before, options, deps);
  await writeState(deps.files, stateOf(spec, applied));
  return {
    project: spec.project,
    changed: !isUnchanged,
    composeFile: composePath,
    builtImages,
    services: services.map(({ service, state }) => ({ service, state })),
    endpoints: endpointsOf(spec),
    elapsedMs: deps.clock.nowMs() - startedMs,
  };
}

function stateOf({ project, ports, bucket }: StackSpec, applied: string): StackState {
  return { project, applied, ports, bucket };
}

function describe(project: Project, plan: ImagePlan, files: ProjectFiles): ComposeFile {
  return composeFile({ spec: project.spec, images: plan.references, projectDir: files.dir });
}

/** Returns the digest of all that decides how the containers run. */
async function writeFiles(project: Project, file: ComposeFile, deps: UpDeps): Promise<string> {
  const text = renderCompose(file);
  await ensureStackFolder(deps.files);
  const secrets = await ensureSecrets(deps.files, deps.system.randomBytes);
  // An absent folder would be made by the engine, as root.
  for (const folder of projectFolders) await deps.files.ensureDir(folder);
  await writeIfChanged(deps.files, composePath, text);
  const applied = deps.system.digest(text + renderSecrets(secrets));
  // Kept from the first write on: from here there may be data under this name. What was applied before no
  // longer holds: a start that is cut short leaves some containers changed and others not.
  await writeState(deps.files, stateOf(project.spec, project.state?.applied === applied ? applied : ""));
  return applied;
}

async function start(
  file: ComposeFile,
  before: Awaited<ReturnType<Engine["containers"]>>,
  options: UpOptions,
  deps: UpDeps,
): Promise<readonly ServiceHealth[]> {
  const target = {
    project: file.name,
    services: Object.keys(file.services),
    oneShots: oneShots(file),
    before,
    timeoutMs: options.timeoutMs,
  };
  return await startAndWait(target, (signal) => deps.compose.up(composePath, { signal }), deps);
}
