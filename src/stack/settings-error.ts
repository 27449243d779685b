import { StackError } from "../lib/errors.ts";

// A file of another kind under this name has thousands.
const mostProblems = 20;

/** CONFIG_INVALID with one line for each problem, of the first ones. */
export function settingsError(problems: readonly string[], cause?: unknown): StackError {
  const [only] = problems;
  const told = problems.slice(0, mostProblems);
  const more = problems.length > mostProblems ? `\n  and ${problems.length - mostProblems} more` : "";
  const message =
    problems.length === 1 && only !== undefined
      ? only
      : `${problems.length} settings are not valid:\n${told.map((text) => `  ${text}`).join("\n")}${more}`;
  return new StackError("CONFIG_INVALID", message, {
    cause,
    hint: "Correct it and run the command again; nothing was changed. docs/configuration.md lists every setting.",
    facts: { problems: told },
  });
}
