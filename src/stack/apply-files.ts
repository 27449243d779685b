import { certificatesPath, writeCertificates } from "./certificates.ts";
import type { Emit } from "./events.ts";
import { effectiveLayout } from "./layout.ts";
import type { ProjectFiles, System } from "./ports.ts";
import type { Project } from "./project.ts";
import type { GivenSecrets } from "./recover-secrets.ts";
import { isGiven, isWhole, renderSecrets, secretNames, type Secrets } from "./secrets.ts";
import { classicCanaryMount } from "./services/airflow-paths.ts";
import { projectFolders } from "./services/airflow-common.ts";
import { defaultSpec, portNames } from "./spec.ts";
import {
  composePath,
  ensureSecrets,
  ensureStackFolder,
  ignorePath,
  readSoundSecrets,
  secretsPath,
  statePath,
  writeIfChanged,
  writeState,
  type StackState,
} from "./stack-folder.ts";

export interface AppliedFiles {
  /** Digest of all that decides how the containers run. */
  readonly applied: string;
  readonly secrets: Secrets;
  /** Digest of those that the data opens to. */
  readonly secretsDigest: string;
  /** Whether the data, if there is any, is known to open to them. */
  readonly isSettled: boolean;
}

interface ApplyDeps {
  readonly files: ProjectFiles;
  readonly system: System;
  readonly emit: Emit;
  /** What containers are to trust; undefined for the images' own authorities. */
  readonly certificates: string | undefined;
  /** Password or token for an MLflow elsewhere; else empty. */
  readonly mlflowPassword: string;
  /** Whether volumes of an earlier start are there. */
  readonly hasData: boolean;
  /** "renewed" has every secret that the stack makes by itself made anew. */
  readonly renewal: "kept" | "renewed";
  /** What the containers know of the secrets. */
  readonly given: () => Promise<GivenSecrets>;
}

/** Writes what differs of the generated folder: the compose file `text` and the secrets. Throws FILE_UNWRITABLE. */
export async function applyFiles(
  project: Project,
  { text, userText }: { readonly text: string; readonly userText: string },
  { files, system, emit, certificates, mlflowPassword, hasData, renewal, given }: ApplyDeps,
): Promise<AppliedFiles> {
  const isNew = project.state === undefined && !hasData && !(await files.exists(composePath));
  const rewritten = [(await ensureStackFolder(files)) && ignorePath];
  // Empty without an MLflow elsewhere: nobody keeps a password that nothing uses.
  const ofUser = { MLFLOW_ELSEWHERE_PASSWORD: mlflowPassword };
  const known = renewal === "renewed" ? {} : await findSecrets(files, given);
  if (!isNew) await tellOfLosses(project, known, { files, emit, renewal });
  const secrets = await ensureSecrets(files, system.randomBytes, { ...known, ...ofUser });
  // An absent folder would be made by the engine, as root.
  const mountPoints = project.spec.line === "classic" ? [classicCanaryMount] : [];
  for (const folder of [...projectFolders, ...mountPoints]) await files.ensureDir(folder);
  if (certificates !== undefined)
    rewritten.push((await writeCertificates(files, certificates)) && certificatesPath);
  rewritten.push((await writeIfChanged(files, composePath, text)) && composePath);
  const applied = system.digest(text + renderSecrets(secrets) + userText);
  const secretsDigest = system.digest(renderSecrets({ ...secrets, MLFLOW_ELSEWHERE_PASSWORD: "" }));
  const isUnchanged = project.state?.applied === applied;
  for (const path of isUnchanged ? rewritten.filter((one) => one !== false) : [])
    note(emit, `${path} was not as the last \`stack up\` left it; it is written anew`);
  const isSettled =
    isUnchanged ||
    !hasData ||
    project.state?.settled === secretsDigest ||
    // What was remembered is lost; what runs well tells the same.
    (project.state === undefined && isMadeOf(secrets, (await given()).proven));
  // Kept from the first write on: from here there may be data under this name. What was applied before no
  // longer holds: a start that is cut short leaves some containers changed and others not.
  const marks = { applied: isUnchanged ? applied : "", settled: isSettled ? secretsDigest : "" };
  await rememberApplied(project, marks, files);
  return { applied, secrets, secretsDigest, isSettled };
}

/** Those on disk; what is missing or damaged there comes from the containers, as may what was cut off. */
async function findSecrets(files: ProjectFiles, given: ApplyDeps["given"]): Promise<Partial<Secrets>> {
  const sound = await readSoundSecrets(files);
  if (isWhole(sound)) return sound;
  const { known, proven } = await given();
  return { ...known, ...sound, ...proven };
}

/** Says what of the folder was lost since the last `up`, and what becomes of it. */
async function tellOfLosses(
  { state }: Project,
  known: Partial<Secrets>,
  { files, emit, renewal }: Pick<ApplyDeps, "files" | "emit" | "renewal">,
): Promise<void> {
  const lost = async (path: string): Promise<string> =>
    `${path} is ${(await files.exists(path)) ? "damaged" : "gone"}`;
  if (state === undefined) note(emit, `${await lost(statePath)}; it is written anew`);
  if (renewal === "renewed" || isWhole(await readSoundSecrets(files))) return;
  const rest = isWhole(known)
    ? "its secrets are read from the containers"
    : "secrets that nothing else tells are made anew, and the data is given them";
  note(emit, `${await lost(secretsPath)}; ${rest}`);
}

function note(emit: Emit, text: string): void {
  emit({ kind: "note", level: "warning", text });
}

function isMadeOf(secrets: Secrets, proven: Partial<Secrets>): boolean {
  return secretNames.every((name) => isGiven(name) || proven[name] === secrets[name]);
}

/** Notes with what the containers run now. */
export async function rememberApplied(
  { spec, chosenPorts }: Project,
  marks: Pick<StackState, "applied" | "settled">,
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
    ...marks,
    ports,
    moved,
    bucket,
    layout,
    line,
    mlflow,
    isStopping: false,
  });
}
