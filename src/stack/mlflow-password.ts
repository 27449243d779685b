import { StackError } from "../lib/errors.ts";
import { elsewhereOf, passwordVariable, type MlflowElsewhere } from "./mlflow-spec.ts";
import type { ProjectFiles } from "./ports.ts";
import type { Project } from "./project.ts";
import { readSoundSecrets } from "./stack-folder.ts";

export interface PasswordSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: ProjectFiles;
  /** Asks without showing what is typed; undefined when there is nobody to ask. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
}

/**
 * The password or token for an MLflow elsewhere; empty when none is needed. From the environment, from the file
 * that was named, from the last `up` if it went to the same place, or from the user. Throws MLFLOW_PASSWORD_MISSING,
 * or CONFIG_INVALID for one that no header can carry.
 */
export async function findMlflowPassword(
  { spec, state }: Project,
  { env, files, askSecret }: PasswordSources,
): Promise<string> {
  const elsewhere = elsewhereOf(spec);
  if (elsewhere?.login === undefined) return "";
  const { login, url, passwordFile } = elsewhere;
  const known =
    env[passwordVariable] ??
    (passwordFile === undefined ? undefined : await readPasswordFile(files, passwordFile)) ??
    (isSamePlace(elsewhere, state?.mlflow) ? await remembered(files) : undefined) ??
    (await askSecret(`Password or token of ${login} at ${url}: `));
  if (known === undefined || known === "") throw missing(elsewhere);
  return checked(known);
}

/** A path of the user's: relative to the project, or absolute. */
export async function readUserFile(files: ProjectFiles, path: string): Promise<string | undefined> {
  const content = await files.readOutside(path.startsWith("/") ? path : files.absolute(path));
  return content === undefined ? undefined : new TextDecoder().decode(content);
}

async function readPasswordFile(files: ProjectFiles, path: string): Promise<string> {
  const text = await readUserFile(files, path);
  if (text !== undefined) return text.replace(/\r?\n$/u, "");
  throw new StackError("CONFIG_NOT_FOUND", `mlflow.password_file: there is no file ${path}.`, {
    hint: `Make it with the password in it, or set ${passwordVariable}.`,
  });
}

// A password is for the place that it was given for, and is sent to no other.
function isSamePlace({ url, login }: MlflowElsewhere, last: Project["spec"]["mlflow"] | undefined): boolean {
  return last !== undefined && last.mode !== "local" && last.url === url && last.login === login;
}

async function remembered(files: ProjectFiles): Promise<string | undefined> {
  const password = (await readSoundSecrets(files)).MLFLOW_ELSEWHERE_PASSWORD;
  return password === "" ? undefined : password;
}

function missing({ mode, login, url }: MlflowElsewhere): StackError {
  const what = mode === "databricks" ? "access token" : `password of ${login ?? ""}`;
  return new StackError("MLFLOW_PASSWORD_MISSING", `The ${what} for ${url} is not known.`, {
    hint: `Set ${passwordVariable}, or name a file with it under mlflow.password_file in stack.yaml; on a terminal the command asks for it.`,
  });
}

function checked(password: string): string {
  if (!/\p{Cc}/u.test(password)) return password;
  throw new StackError(
    "CONFIG_INVALID",
    "The password for MLflow has a line break or control character in it.",
    {
      hint: `Give it as one line, in ${passwordVariable} or the file under mlflow.password_file.`,
    },
  );
}
