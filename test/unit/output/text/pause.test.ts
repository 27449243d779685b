import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderPause, renderResume } from "../../../../src/output/text/pause.ts";

const paint = createPaint(false);

test("a pause tells what was frozen and the way back", () => {
  expect(renderPause({ project: "housing", paused: ["mlflow", "minio"] }, paint)).toBe(
    "The stack housing is paused: 2 containers frozen.\n`stack resume` has it back in a second.",
  );
  expect(renderPause({ project: "housing", paused: [] }, paint)).toMatch(
    /^The stack housing was paused already\./u,
  );
});

test("a resume tells how long it took and what became of tasks", () => {
  const task = { dagId: "housing", runId: "r1", taskId: "train", fate: "will be retried" } as const;
  const back = { project: "housing", resumed: ["mlflow"], probes: [], elapsedMs: 900 };
  const result = { ...back, tasks: [task], watchedMs: 4500 };
  expect(renderResume(result, paint)).toBe(
    [
      "The stack housing is back, checked after 900 ms.",
      "Tasks that were at work, watched for 4.5 s after that:",
      "  housing.train will be retried",
    ].join("\n"),
  );
  expect(renderResume({ ...back, tasks: [], watchedMs: 0 }, paint)).toBe(
    "The stack housing is back, checked after 900 ms.",
  );
  expect(renderResume({ ...back, resumed: [], tasks: [], watchedMs: 0 }, paint)).toBe(
    "The stack housing was not paused.",
  );
});
