import type { Compose, Engine } from "./ports.ts";

export interface DownDeps {
  readonly engine: Engine;
  readonly compose: Compose;
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
  { engine, compose, signal }: DownDeps,
): Promise<DownResult> {
  const before = await engine.resources(project);
  const doomedVolumes = options.volumes ? before.volumes : [];
  if (before.containers.length + before.networks.length + doomedVolumes.length > 0) {
    await compose.down(project, { volumes: options.volumes, signal });
    // Compose knows only what it finds through containers; what an aborted start left has none.
    const left = await engine.resources(project);
    await engine.remove({ ...left, volumes: options.volumes ? left.volumes : [] });
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
