import type { Emit } from "./events.ts";
import type { Compose, Engine, ProjectFiles } from "./ports.ts";
import { composePath, readState, writeState } from "./stack-folder.ts";

export interface DownDeps {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly files: ProjectFiles;
  readonly signal: AbortSignal;
}

export interface DownResult {
  readonly project: string;
  readonly removed: { readonly containers: number; readonly networks: number; readonly volumes: number };
  /** Data that is still there for the next `up`. */
  readonly keptVolumes: readonly string[];
}

/**
 * Stops and removes whatever carries the project's label, volumes only when asked. Finds nothing to do on a
 * stack that is down. Throws ENGINE_UNREACHABLE or COMPOSE_FAILED.
 */
export async function downStack(
  project: string,
  options: { readonly volumes: boolean },
  { engine, compose, files, signal }: DownDeps,
): Promise<DownResult> {
  const before = await engine.resources(project);
  const doomedVolumes = options.volumes ? before.volumes : [];
  if (before.containers.length + before.networks.length + doomedVolumes.length > 0) {
    await noteStopping(files, true);
    await compose.down(project, { volumes: options.volumes, file: composePath, signal });
    // Compose knows only what it finds through containers; what an aborted start left has none.
    const left = await engine.resources(project);
    await engine.remove({ ...left, volumes: options.volumes ? left.volumes : [] });
    await noteStopping(files, false);
  }
  const after = await engine.resources(project);
  return {
    project,
    removed: {
      containers: before.containers.length - after.containers.length,
      networks: before.networks.length - after.networks.length,
      volumes: before.volumes.length - after.volumes.length,
    },
    keptVolumes: after.volumes,
  };
}

/** Ends a `down` that was cut short: the engine goes on with what it was asked, and would stop what is started now. */
export async function finishDown(project: string, deps: DownDeps & { readonly emit: Emit }): Promise<void> {
  if ((await readState(deps.files))?.isStopping !== true) return;
  deps.emit({ kind: "note", level: "info", text: "the last `stack down` was cut short; it is ended first" });
  await downStack(project, { volumes: false }, deps);
}

async function noteStopping(files: ProjectFiles, isStopping: boolean): Promise<void> {
  const state = await readState(files);
  if (state === undefined) return;
  // A full disk must not keep a stack from being stopped.
  await writeState(files, { ...state, isStopping }).catch(() => undefined);
}
