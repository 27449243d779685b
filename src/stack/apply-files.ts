import { writeCertificates } from "./certificates.ts";
import { effectiveLayout } from "./layout.ts";
import type { ProjectFiles, System } from "./ports.ts";
import type { Project } from "./project.ts";
import { renderSecrets, type Secrets } from "./secrets.ts";
import { classicCanaryMount } from "./services/airflow-paths.ts";
import { projectFolders } from "./services/airflow-common.ts";
import { defaultSpec, portNames } from "./spec.ts";
import { composePath, ensureSecrets, ensureStackFolder, writeIfChanged, writeState } from "./stack-folder.ts";

export interface AppliedFiles {
  /** Digest of all that decides how the containers run. */
  readonly applied: string;
  readonly secrets: Secrets;
}

interface ApplyDeps {
  readonly files: ProjectFiles;
  readonly system: System;
  /** What containers are to trust; undefined for the images' own authorities. */
  readonly certificates: string | undefined;
  /** Password or token for an MLflow elsewhere; else empty. */
  readonly mlflowPassword: string;
}

/** Writes what differs of the generated folder: the compose file `text` and the secrets. Throws FILE_UNWRITABLE. */
export async function applyFiles(
  project: Project,
  { text, userText }: { readonly text: string; readonly userText: string },
  { files, system, certificates, mlflowPassword }: ApplyDeps,
): Promise<AppliedFiles> {
  await ensureStackFolder(files);
  // Empty without an MLflow elsewhere: nobody keeps a password that nothing uses.
  const given = { MLFLOW_ELSEWHERE_PASSWORD: mlflowPassword };
  const secrets = await ensureSecrets(files, system.randomBytes, given);
  // An absent folder would be made by the engine, as root.
  const mountPoints = project.spec.line === "classic" ? [classicCanaryMount] : [];
  for (const folder of [...projectFolders, ...mountPoints]) await files.ensureDir(folder);
  if (certificates !== undefined) await writeCertificates(files, certificates);
  await writeIfChanged(files, composePath, text);
  const applied = system.digest(text + renderSecrets(secrets) + userText);
  // Kept from the first write on: from here there may be data under this name. What was applied before no
  // longer holds: a start that is cut short leaves some containers changed and others not.
  await rememberApplied(project, project.state?.applied === applied ? applied : "", files);
  return { applied, secrets };
}

/** Notes with what the containers run now. */
export async function rememberApplied(
  { spec, chosenPorts }: Project,
  applied: string,
  files: ProjectFiles,
): Promise<void> {
  const { project, ports, bucket, line, mlflow } = spec;
  const defaults = defaultSpec(project).ports;
  const moved = Object.fromEntries(
    portNames
      .filter((name) => !chosenPorts.includes(name) && ports[name] !== defaults[name])
      .map((name) => [name, ports[name]]),
  );
  const layout = effectiveLayout(spec);
  await writeState(files, {
    project,
    applied,
    ports,
    moved,
    bucket,
    layout,
    line,
    mlflow,
    isStopping: false,
  });
}
