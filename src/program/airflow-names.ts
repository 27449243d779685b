import { InvalidArgumentError } from "commander";

/* Airflow's own rules: a name that breaks them is nobody's, and may lead out of a folder or a URL. */

const rule = "letters, digits, _, - and ., at most 250 characters, and not . or .. alone";
const namePattern = /^(?!\.{1,2}$)[\p{L}\p{N}_.-]{1,250}$/u;

/** For arguments that name DAGs, or the files that they are in. */
export function collectDags(value: string, earlier: readonly string[] | undefined): readonly string[] {
  if (!namePattern.test(value.replace(/\.py$/u, ""))) {
    throw new InvalidArgumentError(`Airflow's names have ${rule}.`);
  }
  return [...(earlier ?? []), value];
}

/** For `--task`: a DAG and one of its tasks, `task[3]` for a copy of one that is mapped. */
export function dagAndTask(given: readonly string[]): readonly [string, string] {
  const [dagId, taskId, ...more] = given;
  if (dagId === undefined || taskId === undefined || more.length > 0) {
    throw new InvalidArgumentError("Give --task a DAG and one of its tasks, and no service beside it.");
  }
  const wrong = [dagId, taskId.replace(/\[\d+\]$/u, "")].find((name) => !namePattern.test(name));
  if (wrong === undefined) return [dagId, taskId];
  throw new InvalidArgumentError(`--task was given '${wrong}'; Airflow's names have ${rule}.`);
}

/** For `--run`: an Airflow can be set to allow more than letters, digits and _.~:+- in it. */
export function runId(value: string): string {
  if (/^(?!\.{1,2}$)[^\p{C}/\\]{1,250}$/u.test(value)) return value;
  throw new InvalidArgumentError("Give the id of a run, as manual__2026-01-31T08:00:00+00:00.");
}
