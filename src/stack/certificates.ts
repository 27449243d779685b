import { StackError } from "../lib/errors.ts";
import { readUserFile } from "./mlflow-password.ts";
import { elsewhereOf } from "./mlflow-spec.ts";
import type { ProjectFiles } from "./ports.ts";
import type { StackSpec } from "./spec.ts";
import { certificatesFolder, certificatesName, writeIfChanged } from "./stack-folder.ts";

/** The authorities that the user trusts for MLflow, in PEM; undefined when he names none. Throws CONFIG_NOT_FOUND or CONFIG_INVALID. */
export async function readUserAuthorities(
  spec: Pick<StackSpec, "mlflow">,
  files: ProjectFiles,
): Promise<string | undefined> {
  const path = elsewhereOf(spec)?.caFile;
  if (path === undefined) return undefined;
  const text = await readUserFile(files, path);
  if (text === undefined) {
    throw new StackError("CONFIG_NOT_FOUND", `mlflow.ca_file: there is no file ${path}.`, {
      hint: "Name the PEM file with the certificate of the authority that signed MLflow's.",
    });
  }
  if (text.includes("-----BEGIN CERTIFICATE-----") && !text.includes("PRIVATE KEY-----")) return text;
  throw new StackError("CONFIG_INVALID", `mlflow.ca_file: ${path} is not a PEM file of certificates alone.`, {
    hint: "It begins with -----BEGIN CERTIFICATE-----; a key has no place in it, since every task can read it.",
  });
}

/** Writes what containers trust: the user's authorities and the public ones, which the setting would replace otherwise. */
export async function writeTrusted(
  authorities: string | undefined,
  publicAuthorities: string,
  files: ProjectFiles,
): Promise<void> {
  if (authorities === undefined) return;
  await files.ensureDir(certificatesFolder, 0o755);
  const text = `${authorities.trimEnd()}\n${publicAuthorities.trimEnd()}\n`;
  await writeIfChanged(files, `${certificatesFolder}/${certificatesName}`, text);
}
