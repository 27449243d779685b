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
  const result = { project: "housing", resumed: ["mlflow"], probes: [], elapsedMs: 900, tasks: [task] };
  expect(renderResume(result, paint)).toBe(
    "The stack housing is back, checked after 900 ms.\n  housing.train will be retried",
  );
  expect(renderResume({ ...result, resumed: [], tasks: [] }, paint)).toBe(
    "The stack housing was not paused.",
  );
});
