import type { Line } from "../lines.ts";
import type { BundledFiles } from "../bundled-files.ts";
import type { ProjectFiles } from "../ports.ts";
import { bundledDagsOf, type BundledDag } from "./bundled-dags.ts";

export interface ListedDag extends BundledDag {
  /** Relative to the project folder. */
  readonly file: string;
  /** How the file there compares with the one that ships with the tool. */
  readonly inProject: "missing" | "unchanged" | "edited";
}

export interface DagList {
  readonly dags: readonly ListedDag[];
}

/** What can be seeded without a DAG of one's own, in the order in which it is run. */
export async function listDags(
  { files, bundled }: { readonly files: ProjectFiles; readonly bundled: BundledFiles },
  { dagsDir, line }: { readonly dagsDir: string; readonly line: Line },
): Promise<DagList> {
  return {
    dags: await Promise.all(
      bundledDagsOf(await bundled.dagFiles(line)).map(async (dag): Promise<ListedDag> => {
        const name = `${dag.dagId}.py`;
        const file = `${dagsDir}/${name}`;
        const [present, shipped] = await Promise.all([files.read(file), bundled.dagFile(name, line)]);
        if (present === undefined) return { ...dag, file, inProject: "missing" };
        return { ...dag, file, inProject: present === shipped ? "unchanged" : "edited" };
      }),
    ),
  };
}
