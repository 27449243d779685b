import { StackError } from "../lib/errors.ts";
import { readUserFile } from "./mlflow-password.ts";
import { elsewhereOf } from "./mlflow-spec.ts";
import type { ProjectFiles, System } from "./ports.ts";
import type { StackSpec } from "./spec.ts";
import { stackFolder, writeIfChanged } from "./stack-folder.ts";

/** A folder of its own, because a mounted folder shows a file that was replaced, and a mounted file doesn't. */
export const certificatesFolder = `${stackFolder}/certificates`;
export const certificatesFile = "ca-certificates.crt";
export const certificatesPath = `${certificatesFolder}/${certificatesFile}`;

export interface CertificateSources {
  readonly files: ProjectFiles;
  /** This machine's bundle of certificate authorities, if there is one. */
  readonly caFile: string | undefined;
  readonly system: Pick<System, "publicAuthorities">;
}

/**
 * The certificate authorities to trust, as PEM; undefined for the usual ones of whoever calls. They are this machine's:
 * a proxy that inspects TLS has put its own authority among them, and the images know only the usual ones. Those that
 * the user names for an MLflow elsewhere are added, and never stand alone: other places are called too.
 * Throws CONFIG_NOT_FOUND or CONFIG_INVALID.
 */
export async function readCertificates(
  spec: Pick<StackSpec, "mlflow">,
  { files, caFile, system }: CertificateSources,
): Promise<string | undefined> {
  const content = caFile === undefined ? undefined : await files.readOutside(caFile);
  const ofMachine = content && new TextDecoder().decode(content);
  const ofUser = await readUserAuthorities(spec, files);
  if (ofUser === undefined) return ofMachine;
  return `${ofUser.trimEnd()}\n${(ofMachine ?? system.publicAuthorities()).trimEnd()}\n`;
}

/** Puts them where the containers see them; returns whether it wrote. Throws FILE_UNWRITABLE. */
export async function writeCertificates(files: ProjectFiles, certificates: string): Promise<boolean> {
  await files.ensureDir(certificatesFolder, 0o755);
  return await writeIfChanged(files, certificatesPath, certificates);
}

async function readUserAuthorities(
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
