import type { Archiver } from "./archive.ts";
import { collectReport, type CollectDeps, type Collection } from "./collect.ts";

export interface ReportResult {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly about: string; readonly bytes: number }[];
  readonly missing: Collection["missing"];
}

const masked = `Masked with ***: the stack's secrets, the values of the variables in stack.yaml, and whatever looks like
a password, a key or a token by its name or form. Names of files, hosts and DAGs are in clear: look the files over
before you give them away.`;

/** Writes one archive for a bug report. Works with the engine off and before the first start. */
export async function writeReport(
  { target, folder }: { readonly target: string | undefined; readonly folder: string },
  deps: CollectDeps & { readonly archiver: Archiver },
): Promise<ReportResult> {
  const { files, missing } = await collectReport(deps);
  const list = files.map(({ path, about }) => `${path}: ${about}`);
  const lacking = missing.map(({ path, why }) => `${path} is missing: ${why}`);
  const readme = ["What this archive holds:", "", ...list, ...lacking, "", masked, ""].join("\n");
  const all = [{ path: "README.txt", about: "this list", text: readme }, ...files];
  const written = await deps.archiver.write({ target, folder, entries: all });
  return {
    ...written,
    files: all.map(({ path, about, text }) => ({
      path,
      about,
      bytes: new TextEncoder().encode(text).length,
    })),
    missing,
  };
}
