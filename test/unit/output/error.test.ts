import { describe, expect, test } from "vitest";
import { StackError, toStackError } from "../../../src/lib/errors.ts";
import { createPaint } from "../../../src/output/colors.ts";
import { errorDocument, renderError } from "../../../src/output/error.ts";

const error = new StackError("COMPOSE_FAILED", "docker compose ended with exit code 1: no space.", {
  hint: "Make room and run the command again.",
  facts: { command: "docker compose up", exitCode: 1, log: ["pulling", "no space"] },
});
const plain = createPaint(false);

describe("an error as text", () => {
  test("says what failed, what was said last, and as the last thing what to do", () => {
    expect(renderError(error, plain, false)).toBe(
      [
        "error COMPOSE_FAILED: docker compose ended with exit code 1: no space.",
        "  | pulling",
        "  | no space",
        "fix Make room and run the command again.",
      ].join("\n"),
    );
  });

  test("is a line when there is nothing more to say", () => {
    expect(renderError(new StackError("USAGE", "No such command."), plain, false)).toBe(
      "error USAGE: No such command.",
    );
  });

  test("tells more when asked: the command, and where it was thrown", () => {
    const lines = renderError(error, plain, true).split("\n");
    expect(lines).toContain("  command: docker compose up");
    expect(lines.some((line) => /^ +at .*error\.test\.ts/u.test(line))).toBe(true);
    expect(lines.at(-1)).toBe("fix Make room and run the command again.");
  });

  test("of a bug has its stack trace and asks for a report", () => {
    const bug = new TypeError("x is undefined");
    const text = renderError(toStackError(bug), plain, false);
    expect(text).toMatch(/^error INTERNAL: x is undefined\n +at /u);
    expect(text).toContain(bug.stack?.split("\n")[1]?.trim());
    expect(text).toMatch(/please report it with the lines above\.$/u);
  });

  test("is the same text with colours around it", () => {
    const colored = renderError(error, createPaint(true), false);
    expect(colored).not.toBe(renderError(error, plain, false));
    // oxlint-disable-next-line no-control-regex
    expect(colored.replaceAll(/\u001B\[\d+m/gu, "")).toBe(renderError(error, plain, false));
  });
});

test("an error as data has all that a script needs", () => {
  expect(errorDocument(error)).toEqual({
    code: "COMPOSE_FAILED",
    status: 1,
    message: "docker compose ended with exit code 1: no space.",
    hint: "Make room and run the command again.",
    facts: { command: "docker compose up", exitCode: 1, log: ["pulling", "no space"] },
  });
});
