import type { BindMount } from "../compose-types.ts";
import { elsewhereOf } from "../mlflow-spec.ts";
import { certificatesFolder, certificatesName } from "../stack-folder.ts";
import { literal, type ServiceInputs } from "./service.ts";

const target = "/etc/stack/certificates";
/** The file in a container with all authorities that are trusted there. */
export const trustedFile = `${target}/${certificatesName}`;

/** For an MLflow elsewhere that shows a certificate which no public authority has signed. */
export function certificateMounts({ spec, projectDir }: ServiceInputs): readonly BindMount[] {
  if (elsewhereOf(spec)?.caFile === undefined) return [];
  // The folder and not the file, which is replaced when it changes: a container would go on seeing the old one.
  return [{ type: "bind", source: literal(`${projectDir}/${certificatesFolder}`), target, read_only: true }];
}
