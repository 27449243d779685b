import { expect, test } from "vitest";
import { StackError } from "../../../../src/lib/errors.ts";
import { explainLayerFailure } from "../../../../src/stack/layer/explain-build.ts";

const failed = (...log: readonly string[]) => new StackError("BUILD_FAILED", "failed", { facts: { log } });

test("a conflict is told in the resolver's words", () => {
  const words =
    "Because you require six==1.0 and six==1.17.0, we can conclude that your requirements are unsatisfiable.";
  const log = ["Using Python", "error: No solution found when resolving dependencies", `  cause: ${words}`];
  expect(explainLayerFailure(failed(...log))).toMatchObject({
    code: "REQUIREMENTS_CONFLICT",
    message: `requirements.txt has no solution beside what the Airflow image has installed: ${words}`,
    facts: { log },
  });
});

test("the older drawing of the same words is read too", () => {
  const log = [
    "  × No solution found when resolving dependencies:",
    "  ╰─▶ Because only six<2 is available",
    "      and so on.",
  ];
  expect(explainLayerFailure(failed(...log))).toMatchObject({
    message: expect.stringContaining(": Because only six<2 is available and so on."),
  });
});

test("any other failure stays what it is", () => {
  const error = failed("E: Unable to locate package nope");
  expect(explainLayerFailure(error)).toBe(error);
  expect(explainLayerFailure("x")).toBe("x");
});
