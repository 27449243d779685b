import { lineVersions } from "../lines.ts";
import type { ProjectFiles } from "../ports.ts";
import { isOlder } from "../preflight.ts";
import type { Project } from "../project.ts";
import type { StackSpec } from "../spec.ts";
import { projectFolders } from "../services/airflow-common.ts";
import { userFileNotes } from "../user-files/notes.ts";
import { readUserFiles, type UserFiles } from "../user-files/read-user-files.ts";
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

const settingsPath = "stack.yaml";
const settingsText = `# Settings of this stack; every one has a default. docs/configuration.md lists them all.
#
# ports:
#   airflow: 8080
# airflow:
#   parallelism: 4
`;
const requirementsText =
  "# Python packages for your DAGs, one a line; `stack up` adds them to the Airflow image.\n";

/**
 * Makes a project of the folder, or adopts what is in it or in `source`; overwrites nothing. Throws CONFIG_INVALID
 * for a file that \`stack up\` would refuse, before anything is written.
 */
export async function initProject(
  project: Project,
  files: ProjectFiles,
  source: ProjectFiles | undefined,
  digest: (text: string) => string,
): Promise<InitResult> {
  const origin = source ?? files;
  const asSet = await readUserFiles(project.spec, origin, digest);
  const isSettled =
    project.state !== undefined || (await files.exists(settingsPath)) || (await origin.exists(settingsPath));
  const spec = isSettled ? project.spec : specFor(asSet, project.spec);
  const isMoved = spec !== project.spec;
  const user = isMoved ? await readUserFiles(spec, origin, digest) : asSet;
  const read = async (path: string): Promise<string | undefined> => await origin.read(path);
  const { understood, ignored } = await understandProject(await origin.list(), user, read);

  const copied: string[] = [];
  const kept: string[] = [];
  for (const { path } of source === undefined || source.dir === files.dir ? [] : understood) {
    const isHere = await files.exists(path.replace(/\/$/u, ""));
    (isHere ? kept : copied).push(path);
    if (!isHere && source !== undefined) await files.copyFrom(source, path.replace(/\/$/u, ""));
  }

  // Files first: on a full disk they fail, where folders can still be made.
  const newFiles = [
    [settingsPath, isMoved ? `${settingsText}\nversions: ${spec.line}\n` : settingsText],
    ["requirements.txt", requirementsText],
  ] as const;
  const written: string[] = [];
  for (const [path, text] of newFiles) {
    if (await files.exists(path)) continue;
    await files.write(path, text);
    written.push(path);
  }
  const made: string[] = [];
  for (const folder of projectFolders) {
    if (await files.exists(folder)) continue;
    await files.ensureDir(folder);
    made.push(`${folder}/`);
  }
  const created = [...made, ...written];
  const notes = [...(isMoved ? [lineNote(spec, user)] : []), ...userFileNotes(spec, user)];
  return { dir: files.dir, from: source?.dir, copied, kept, created, understood, ignored, notes };
}

/** The spec with the line of the Airflow that the project's Dockerfile names. */
function specFor({ layer }: UserFiles, spec: StackSpec): StackSpec {
  const airflow = layer?.base?.airflow;
  if (airflow === undefined || !isOlder(airflow, "3") || spec.line === "classic") return spec;
  return { ...spec, line: "classic", versions: lineVersions("classic") };
}

function lineNote({ line, versions }: StackSpec, { layer }: UserFiles): string {
  const base = `${layer?.base?.name} is Airflow ${layer?.base?.airflow}`;
  return `${settingsPath}: \`versions: ${line}\`, which is Airflow ${versions.airflow}, as ${base}; take it out for Airflow 3`;
}
