import type { ProjectFiles } from "../ports.ts";
import type { StackSpec } from "../spec.ts";
import { projectFolders } from "../services/airflow-common.ts";
import { userFileNotes } from "../user-files/notes.ts";
import { readUserFiles } from "../user-files/read-user-files.ts";
import { understandProject, type ProjectPart } from "./understand.ts";

export interface InitResult {
  /** The project folder, absolute. */
  readonly dir: string;
  /** Where the project was taken from, absolute. */
  readonly from: string | undefined;
  readonly copied: readonly string[];
  /** What was to be copied, and is here already. */
  readonly kept: readonly string[];
  readonly created: readonly string[];
  readonly understood: readonly ProjectPart[];
  readonly ignored: readonly ProjectPart[];
  /** What of it doesn't do here what it says. */
  readonly notes: readonly string[];
}

const newFiles: Readonly<Record<string, string>> = {
  "stack.yaml": `# Settings of this stack; every one has a default. docs/configuration.md lists them all.
#
# ports:
#   airflow: 8080
# airflow:
#   parallelism: 4
`,
  "requirements.txt":
    "# Python packages for your DAGs, one a line; `stack up` adds them to the Airflow image.\n",
};

/**
 * Makes a project of the folder, or adopts what is in it or in `source`; overwrites nothing. Throws CONFIG_INVALID
 * for a file that \`stack up\` would refuse, before anything is written.
 */
export async function initProject(
  spec: StackSpec,
  files: ProjectFiles,
  source: ProjectFiles | undefined,
  digest: (text: string) => string,
): Promise<InitResult> {
  const origin = source ?? files;
  const user = await readUserFiles(spec, origin, digest);
  const read = async (path: string): Promise<string | undefined> => await origin.read(path);
  const { understood, ignored } = await understandProject(await origin.list(), user, read);

  const copied: string[] = [];
  const kept: string[] = [];
  for (const { path } of source === undefined || source.dir === files.dir ? [] : understood) {
    const isHere = await files.exists(path.replace(/\/$/u, ""));
    (isHere ? kept : copied).push(path);
    if (!isHere && source !== undefined) await files.copyFrom(source, path.replace(/\/$/u, ""));
  }

  const created: string[] = [];
  for (const folder of projectFolders) {
    if (await files.exists(folder)) continue;
    await files.ensureDir(folder);
    created.push(`${folder}/`);
  }
  for (const [path, text] of Object.entries(newFiles)) {
    if (await files.exists(path)) continue;
    await files.write(path, text);
    created.push(path);
  }
  const notes = userFileNotes(spec, user);
  return { dir: files.dir, from: source?.dir, copied, kept, created, understood, ignored, notes };
}
