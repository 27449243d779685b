import { StackError } from "../lib/errors.ts";

/** CONFIG_INVALID with one line for each problem. */
export function settingsError(problems: readonly string[], cause?: unknown): StackError {
  const [only] = problems;
  const message =
    problems.length === 1 && only !== undefined
      ? only
      : `${problems.length} settings are not valid:\n${problems.map((text) => `  ${text}`).join("\n")}`;
  return new StackError("CONFIG_INVALID", message, {
    cause,
    hint: "Correct it and run the command again; nothing was changed. docs/configuration.md lists every setting.",
    facts: { problems },
  });
}
