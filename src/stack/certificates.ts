import type { ProjectFiles } from "./ports.ts";
import { stackFolder, writeIfChanged } from "./stack-folder.ts";

/** A folder of its own, because a mounted folder shows a file that was replaced, and a mounted file doesn't. */
export const certificatesFolder = `${stackFolder}/certificates`;
export const certificatesFile = "ca-certificates.crt";

/**
 * This machine's certificate authorities as PEM. Tasks that reach the network go by them: a proxy that inspects TLS
 * has put its own authority among them, and the images know only the usual ones.
 */
export async function readCertificates({
  files,
  caFile,
}: {
  readonly files: ProjectFiles;
  readonly caFile: string | undefined;
}): Promise<string | undefined> {
  const content = caFile === undefined ? undefined : await files.readOutside(caFile);
  return content && new TextDecoder().decode(content);
}

/** Puts them where the containers see them. Throws FILE_UNWRITABLE. */
export async function writeCertificates(files: ProjectFiles, certificates: string): Promise<void> {
  await files.ensureDir(certificatesFolder, 0o755);
  await writeIfChanged(files, `${certificatesFolder}/${certificatesFile}`, certificates);
}
