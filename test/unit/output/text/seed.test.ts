import { describe, expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderSeed } from "../../../../src/output/text/seed.ts";
import type { SeededDag } from "../../../../src/stack/seed/seed-types.ts";

const paint = createPaint(false);
const dag: SeededDag = {
  dagId: "sales",
  file: "dags/sales.py",
  placement: "own",
  run: {
    runId: "manual__1",
    state: "success",
    durationMs: 8_200,
    tasks: [{ taskId: "a", state: "success" }],
  },
  startedBy: undefined,
  checks: [],
  datasetSource: undefined,
  links: [{ title: "Airflow run", url: "http://localhost:8080/dags/sales/runs/manual__1" }],
};

describe("what was seeded", () => {
  test("is a run and where to see it", () => {
    expect(renderSeed({ dataset: undefined, dags: [dag] }, paint)).toBe(
      [
        "sales  succeeded in 8.2 s  manual__1",
        "  Airflow run  http://localhost:8080/dags/sales/runs/manual__1",
      ].join("\n"),
    );
  });

  test("has a line for each check", () => {
    const checks = [
      { name: "experiment", outcome: "passed", expected: "it", found: "experiment Housing" },
      { name: "means", outcome: "failed", expected: "five", found: "four" },
    ] as const;
    const text = renderSeed({ dataset: undefined, dags: [{ ...dag, checks, links: [] }] }, paint);
    expect(text.split("\n").slice(1)).toEqual([
      "  ✔ experiment  experiment Housing",
      "  ✖ means       four, expected five",
    ]);
  });

  test.each([
    ["scikit-learn-data", "  data: the rows in Airflow's data folder"],
    ["downloaded", "  data: the real rows, downloaded by the run"],
    ["generated-sample", "  data: a generated sample, not real rows"],
    ["my-own", "  data: my-own"],
  ])("says where the data came from: $0", (datasetSource, line) => {
    expect(renderSeed({ dataset: undefined, dags: [{ ...dag, datasetSource }] }, paint)).toContain(line);
  });

  test("names the DAG that started it", () => {
    const text = renderSeed({ dataset: undefined, dags: [{ ...dag, startedBy: "stock", links: [] }] }, paint);
    expect(text.split("\n").slice(1)).toEqual(["  started by stock, which updated its asset"]);
  });

  test("names the data set that was put in place", () => {
    const text = renderSeed({ dataset: { file: "my.data", rows: 20_640 }, dags: [] }, paint);
    expect(text).toBe("Data set  my.data, 20640 rows, in place for every DAG");
  });

  test("may be waiting to be run", () => {
    const text = renderSeed({ dataset: undefined, dags: [{ ...dag, run: undefined, links: [] }] }, paint);
    expect(text).toBe("sales  ready to run, from dags/sales.py\n  run it with: stack seed sales");
  });
});
