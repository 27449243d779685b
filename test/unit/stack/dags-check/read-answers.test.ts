import { describe, expect, test } from "vitest";
import { readImports, readUpgrades } from "../../../../src/stack/dags-check/read-answers.ts";

const answer = (value: unknown) => ({ exitCode: 0, stdout: JSON.stringify(value), stderr: "noise\n" });

test("a fault is told with the line of the project's own file that is nearest to it", () => {
  const trace = `Traceback (most recent call last):
  File "/opt/venv/lib/python3.13/importlib/__init__.py", line 88, in import_module
  File "/opt/airflow/dags/a.py", line 3, in <module>
    from include.b import c
  File "/opt/airflow/dags/a.py", line 9, in deeper
  File "/opt/venv/lib/python3.13/site-packages/x.py", line 1, in <module>
ModuleNotFoundError: No module named 'nope'
`;
  const { errors } = readImports(
    answer({
      airflow: "3.3.2",
      dags: [],
      errors: [
        { file: "dags/a.py", trace },
        { file: "plugins/p.py", trace: "boom" },
      ],
    }),
  );
  expect(errors).toMatchObject([
    { file: "dags/a.py", line: 9, message: "ModuleNotFoundError: No module named 'nope'" },
    { file: "plugins/p.py", line: undefined, message: "boom", trace: ["boom"] },
  ]);
});

describe("what ruff finds", () => {
  const finding = (code: string | null, more: object = {}) => ({
    code,
    filename: "/opt/airflow/dags/old.py",
    location: { row: 13, column: 1 },
    message: "`airflow.utils.dates.days_ago` is removed in Airflow 3.0",
    fix: null,
    ...more,
  });

  test("breaks or goes later, by its rule, with the replacement where there is one", () => {
    const moved = { fix: { message: "Use `schedule` instead", edits: [] } };
    expect(
      readUpgrades(answer([finding("AIR301"), finding("AIR302", moved), finding("AIR311", moved)])),
    ).toEqual([
      {
        file: "dags/old.py",
        line: 13,
        code: "AIR301",
        kind: "breaks",
        message: "airflow.utils.dates.days_ago is removed in Airflow 3.0",
        replacement: undefined,
      },
      expect.objectContaining({ code: "AIR302", kind: "breaks", replacement: "Use schedule instead" }),
      expect.objectContaining({ code: "AIR311", kind: "deprecated" }),
    ]);
  });

  test("leaves what isn't Python to the import", () => {
    expect(readUpgrades(answer([finding(null)]))).toEqual([]);
  });
});

test.each([
  [{ exitCode: 1, stdout: "", stderr: "Traceback\nImportError: no airflow\n" }, "ImportError: no airflow"],
  [{ exitCode: 0, stdout: "not JSON", stderr: "" }, "no reason given"],
])("a check that didn't come to an answer fails in its words: %j", (result, words) => {
  expect(() => readImports(result)).toThrow(
    expect.objectContaining({ code: "DAG_IMPORT_FAILED", message: expect.stringContaining(words) }),
  );
});
