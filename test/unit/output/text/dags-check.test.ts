import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderDagsCheck } from "../../../../src/output/text/dags-check.ts";

const finding = { file: "dags/old.py", line: 13, code: "AIR301", message: "schedule_interval is removed" };

test("DAGs, faults, and what breaks now and later are told with their places", () => {
  const text = renderDagsCheck(
    {
      airflow: "3.3.2",
      dags: [{ dagId: "a", file: "dags/a.py", tasks: 1 }],
      errors: [
        { file: "dags/b.py", line: 4, message: "SyntaxError: invalid syntax", trace: [] },
        { file: "plugins/p.py", line: undefined, message: "boom", trace: [] },
      ],
      upgrades: [
        { ...finding, kind: "breaks", replacement: "Use schedule instead" },
        { ...finding, code: "AIR311", kind: "deprecated", replacement: undefined },
      ],
      elapsedMs: 4200,
    },
    createPaint(false),
  );
  expect(text).toBe(`1 DAG imported by Airflow 3.3.2 in 4.2 s
  ✔ a  1 task  dags/a.py
  ✖ dags/b.py:4  SyntaxError: invalid syntax
  ✖ plugins/p.py  boom

Breaks on Airflow 3
  dags/old.py:13  schedule_interval is removed AIR301
      Use schedule instead

Works on Airflow 3, goes later
  dags/old.py:13  schedule_interval is removed AIR311`);
});
