import { lineVersions } from "./lines.ts";
import type { ProjectFiles } from "./ports.ts";
import { resolveSpec, type ResolvedSpec } from "./resolve-spec.ts";
import type { SettingFlags } from "./setting-sources.ts";
import type { StackSpec } from "./spec.ts";
import { readState, type StackState } from "./stack-folder.ts";
import { envPath, parseEnv } from "./user-files/env-file.ts";

const settingsFile = "stack.yaml";

export interface Project extends ResolvedSpec {
  readonly state: StackState | undefined;
}

/** The project's spec from its file, the environment and flags. Throws CONFIG_INVALID; touches nothing. */
export async function openProject(
  files: ProjectFiles,
  env: Readonly<Record<string, string | undefined>>,
  flags: SettingFlags,
): Promise<Project> {
  const [fileText, envText, state] = await Promise.all([
    files.read(settingsFile),
    files.read(envPath),
    readState(files),
  ]);
  const resolved = resolveSpec({
    defaultProject: state?.project ?? projectName(files),
    movedPorts: state?.moved,
    fileName: settingsFile,
    fileText,
    projectEnv: parseEnv(envText ?? ""),
    env,
    flags,
  });
  return { ...resolved, state };
}

/** The spec as the last `up` applied it: what commands that look at the running stack go by. */
export function appliedSpec({ spec, state }: Project): StackSpec {
  if (state === undefined) return spec;
  const { project, ports, bucket, layout, line, mlflow } = state;
  // The layout that came of it: whether an image of the user's decided it makes no difference here.
  return {
    ...spec,
    project,
    ports,
    bucket,
    line,
    versions: lineVersions(line),
    mlflow,
    images: {},
    airflow: { ...spec.airflow, layout },
  };
}

/** Readable, and different for two folders of one name. */
function projectName(files: ProjectFiles): string {
  const readable = files.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/gu, "-")
    .replace(/^[^a-z0-9]+/u, "")
    .slice(0, 32);
  return `${readable === "" ? "stack" : readable}-${files.id.slice(0, 4)}`;
}
