import type { AirflowObjects } from "../service-ports.ts";
import { layerFiles, planLayer, type ProjectLayer } from "../layer/plan-layer.ts";
import { effectiveLayout } from "../layout.ts";
import { elsewhereOf } from "../mlflow-spec.ts";
import type { ProjectFiles } from "../ports.ts";
import type { StackSpec } from "../spec.ts";
import { airflowSettingsPath, parseAirflowSettings } from "./airflow-settings.ts";
import { envPath, parseEnv } from "./env-file.ts";
import { overridePath, parseOverride, type Override } from "./override.ts";

/** What a project brings besides its DAGs and stack.yaml, in the files that an Astro project has. */
export interface UserFiles {
  readonly layer: ProjectLayer | undefined;
  /** Files that would make a layer, but for an Airflow image that the user names. */
  readonly layerFilesLeftOut: readonly string[];
  /** The names that .env sets; undefined without such a file. */
  readonly envNames: readonly string[] | undefined;
  readonly objects: AirflowObjects;
  readonly override: Override | undefined;
  /** All of it that decides how the stack runs and isn't in the compose file. */
  readonly text: string;
  /** Whether services of this machine, or the stack's own, are called by the name host.docker.internal. */
  readonly callsHost: boolean;
}

const noObjects: AirflowObjects = { connections: [], variables: [], pools: [] };

/** Throws CONFIG_INVALID naming file, line and column; touches nothing. */
export async function readUserFiles(
  spec: StackSpec,
  files: ProjectFiles,
  digest: (text: string) => string,
): Promise<UserFiles> {
  const [env, settings, override] = await Promise.all(
    [envPath, airflowSettingsPath, overridePath].map(async (path) => await files.read(path)),
  );
  const variables = parseEnv(env ?? "");
  const options = {
    variables,
    projectDir: files.dir,
    layout: effectiveLayout(spec),
    line: spec.line,
    isMlflowElsewhere: elsewhereOf(spec) !== undefined,
  };
  const texts = [env, settings, override];
  const isOurs = spec.images.airflow === undefined;
  return {
    layer: isOurs ? await planLayer(files, digest) : undefined,
    layerFilesLeftOut: isOurs ? [] : await existing(layerFiles, files),
    envNames: env === undefined ? undefined : [...variables.keys()],
    objects: settings === undefined ? noObjects : parseAirflowSettings(settings),
    override: override === undefined ? undefined : parseOverride(override, options),
    text: JSON.stringify([env, settings]),
    callsHost: texts.some((text) => text?.includes("host.docker.internal") === true),
  };
}

async function existing(paths: readonly string[], files: ProjectFiles): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async (path) => await files.exists(path)));
  return paths.filter((_, index) => found[index] === true);
}
