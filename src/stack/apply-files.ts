import { readUserAuthorities, writeTrusted } from "./certificates.ts";
import type { ComposeFile } from "./compose-types.ts";
import { effectiveLayout } from "./layout.ts";
import type { ProjectFiles, System } from "./ports.ts";
import type { Project } from "./project.ts";
import { renderCompose } from "./render.ts";
import { renderSecrets, type Secrets } from "./secrets.ts";
import { projectFolders } from "./services/airflow-common.ts";
import { composePath, ensureSecrets, ensureStackFolder, writeIfChanged, writeState } from "./stack-folder.ts";

export interface AppliedFiles {
  /** Digest of all that decides how the containers run. */
  readonly applied: string;
  readonly secrets: Secrets;
}

export interface ApplyDeps {
  readonly files: ProjectFiles;
  readonly system: System;
  /** Password or token for an MLflow elsewhere; else empty. */
  readonly mlflowPassword: string;
}

/** Writes what differs of the generated folder. Throws FILE_UNWRITABLE, CONFIG_NOT_FOUND or CONFIG_INVALID. */
export async function applyFiles(
  project: Project,
  file: ComposeFile,
  { files, system, mlflowPassword }: ApplyDeps,
): Promise<AppliedFiles> {
  const text = renderCompose(file);
  const authorities = await readUserAuthorities(project.spec, files);
  await ensureStackFolder(files);
  await writeTrusted(authorities, system.publicAuthorities(), files);
  // Empty without an MLflow elsewhere: nobody keeps a password that nothing uses.
  const given = { MLFLOW_ELSEWHERE_PASSWORD: mlflowPassword };
  const secrets = await ensureSecrets(files, system.randomBytes, given);
  // An absent folder would be made by the engine, as root.
  for (const folder of projectFolders) await files.ensureDir(folder);
  await writeIfChanged(files, composePath, text);
  const applied = system.digest(text + renderSecrets(secrets));
  // Kept from the first write on: from here there may be data under this name. What was applied before no
  // longer holds: a start that is cut short leaves some containers changed and others not.
  await rememberApplied(project, project.state?.applied === applied ? applied : "", files);
  return { applied, secrets };
}

/** Notes with what the containers run now. */
export async function rememberApplied(
  { spec }: Project,
  applied: string,
  files: ProjectFiles,
): Promise<void> {
  const { project, ports, bucket, mlflow } = spec;
  await writeState(files, { project, applied, ports, bucket, layout: effectiveLayout(spec), mlflow });
}
