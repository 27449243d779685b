import { StackError } from "../../lib/errors.ts";
import { bundledDagsOf, tutorialDag } from "./bundled-dags.ts";
import type { Placement, SeedDeps, SeedOptions } from "./seed-types.ts";

/** A DAG that was asked for, before anything is done about it. */
export interface DagPlan {
  readonly dagId: string;
  /** Below the DAG folder. */
  readonly file: string;
  readonly isBundled: boolean;
}

/**
 * What each name means: a DAG that ships with the tool, one that Airflow knows, or one whose file lies in the
 * project under that name. Throws USAGE for any other name, before anything is touched.
 */
export async function planDags(deps: SeedDeps, names: SeedOptions["dags"]): Promise<readonly DagPlan[]> {
  const bundledFiles = await deps.bundled.dagFiles(deps.target.line);
  const asked = names === "all" ? allThatWork(deps, bundledFiles) : namesFrom(names);
  const refused = asked.find((dagId) => lacksAliases(deps, bundledFiles, dagId));
  if (refused !== undefined) throw needsAliases(refused);
  return Promise.all(
    asked.map(async (dagId): Promise<DagPlan> => {
      const file = `${dagId}.py`;
      if (bundledFiles.includes(file)) return { dagId, file, isBundled: true };
      const known = await deps.airflow.dag(dagId, deps.signal);
      if (known !== undefined) return { dagId, file: known.file, isBundled: false };
      if (await deps.files.exists(`${deps.target.dagsDir}/${file}`)) return { dagId, file, isBundled: false };
      throw await unknownDag(deps, dagId, bundledFiles);
    }),
  );
}

/** Copies a bundled DAG into the project when it is missing there; a file that is there stays as it is. */
export async function placeDag(deps: SeedDeps, { dagId, file, isBundled }: DagPlan): Promise<Placement> {
  if (!isBundled) return "own";
  const path = `${deps.target.dagsDir}/${file}`;
  const id = `dag:${dagId}`;
  const [content, present] = await Promise.all([
    deps.bundled.dagFile(file, deps.target.line),
    deps.files.read(path),
  ]);
  if (present === undefined) {
    await deps.files.ensureDir(deps.target.dagsDir);
    await deps.files.write(path, content);
    deps.emit({ kind: "step", id, status: "done", text: `Copied ${path}` });
    return "copied";
  }
  const isSame = present === content;
  const detail = isSame ? "already there" : "differs from the one that comes with stack, and stays as it is";
  deps.emit({ kind: "step", id, status: "unchanged", text: path, detail });
  return isSame ? "unchanged" : "edited";
}

/** What `--all` means here, and a word about what it leaves out. */
function allThatWork(deps: SeedDeps, files: readonly string[]): readonly string[] {
  const all = bundledDagsOf(files).flatMap(({ dagId, isOfAll }) => (isOfAll ? [dagId] : []));
  const leftOut = all.filter((dagId) => lacksAliases(deps, files, dagId));
  if (leftOut.length > 0) {
    const text = `${leftOut.join(", ")} left out: ${noAliases}.`;
    deps.emit({ kind: "note", level: "warning", text });
  }
  return all.filter((dagId) => !leftOut.includes(dagId));
}

const noAliases = "a Databricks workspace has no aliases for models with names of one part";

function lacksAliases({ target }: SeedDeps, files: readonly string[], dagId: string): boolean {
  const isNeeded = bundledDagsOf(files).some((dag) => dag.dagId === dagId && dag.needsAliases);
  return isNeeded && target.mlflow?.mode === "databricks";
}

function needsAliases(dagId: string): StackError {
  return new StackError("USAGE", `${dagId} can't do its work here: ${noAliases}.`, {
    hint: "Run `stack seed` for the tutorial, which needs none.",
    facts: { dagId },
  });
}

function namesFrom(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [tutorialDag] : [...new Set(names.map(withoutExtension))];
}

function withoutExtension(name: string): string {
  return name.endsWith(".py") ? name.slice(0, -".py".length) : name;
}

async function unknownDag(
  deps: SeedDeps,
  dagId: string,
  bundledFiles: readonly string[],
): Promise<StackError> {
  const inAirflow = (await deps.airflow.dags(deps.signal)).map((dag) => dag.dagId);
  const known = [...new Set([...bundledFiles.map(withoutExtension), ...inAirflow])].toSorted();
  return new StackError("USAGE", `There is no DAG "${dagId}", neither in Airflow nor with stack.`, {
    hint: `Choose one of: ${known.join(", ")}.`,
    facts: { dagId, known },
  });
}
