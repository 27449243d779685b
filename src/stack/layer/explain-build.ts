import { StackError } from "../../lib/errors.ts";

/** A failed build of a project's layer, told by what went wrong: requirements that don't go together, first of all. */
export function explainLayerFailure(error: unknown): unknown {
  if (!(error instanceof StackError)) return error;
  const log = linesOf(error.facts["log"]);
  const at = log.findIndex((line) => /No solution found when resolving/u.test(line));
  if (at === -1) return error;
  const words = log
    .slice(at + 1)
    .map((line) => line.replace(/^\s*(?:cause:|hint:|[╰─▶·×│ ]+)?\s*/u, ""))
    .join(" ");
  return new StackError(
    "REQUIREMENTS_CONFLICT",
    `requirements.txt has no solution beside what the Airflow image has installed: ${words}`,
    {
      cause: error,
      hint: "Change or remove the line in requirements.txt and run `stack up` again; where two versions of a package are named above, the other one is the image's. What was running goes on.",
      facts: { ...error.facts, log },
    },
  );
}

function linesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
