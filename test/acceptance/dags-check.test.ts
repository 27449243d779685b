import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DagsCheckResult } from "../../src/stack/dags-check/check-types.ts";
import { dockerLines } from "../support/run.ts";
import { createTestProject, type Failure, type TestProject } from "../support/test-project.ts";

const good = `from airflow.sdk import Variable, dag, task
from include.size import size
print("DAG files may print")

def nothing():
    pass

@dag(schedule=None)
def good_dag():
    for number in range(size(int(Variable.get("tasks")))):
        task(task_id=f"t{number}")(nothing)()

good_dag()
`;
const broken = `from airflow.sdk import dag

import no_such_module_anywhere
`;
const old = `from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.utils.dates import days_ago

with DAG("old_dag", schedule_interval="@daily", start_date=days_ago(1)):
    PythonOperator(task_id="a", python_callable=print)
`;

/* The DAGs of a project whose stack is not running, and never was. */
describe("dags check", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await createTestProject("check");
    for (const folder of ["dags", "include", "plugins"]) await mkdir(project.path(folder));
    await writeFile(project.path("dags", "good.py"), good);
    await writeFile(project.path("include", "size.py"), "def size(number):\n    return number\n");
    await writeFile(
      project.path("airflow_settings.yaml"),
      "airflow:\n  variables:\n    - variable_name: tasks\n      variable_value: 3\n",
    );
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("imports good DAGs in the stack's image and leaves nothing behind", async () => {
    const { status, json } = await project.stackJson<DagsCheckResult & Partial<Failure>>("dags", "check");
    expect(json.error).toBeUndefined();
    expect(json).toMatchObject({
      airflow: "3.3.2",
      dags: [{ dagId: "good_dag", file: "dags/good.py", tasks: 3 }],
      errors: [],
      upgrades: [],
    });
    expect(status).toBe(0);
    const label = `--filter=label=com.docker.compose.project=${project.name}-check`;
    for (const kind of [
      ["ps", "--all"],
      ["network", "ls"],
      ["volume", "ls"],
    ])
      expect(await dockerLines(...kind, "--quiet", label)).toEqual([]);
    expect(await project.leftovers()).toEqual([]);
  });

  test("reports import errors with file and line, of plugins too, and goes by them", async () => {
    await writeFile(project.path("dags", "broken.py"), broken);
    await writeFile(project.path("plugins", "bad.py"), "\n\nraise ValueError('out of order')\n");
    const { status, json } = await project.stackJson<DagsCheckResult & Failure>("dags", "check");
    expect(json.errors).toMatchObject([
      {
        file: "dags/broken.py",
        line: 3,
        message: "ModuleNotFoundError: No module named 'no_such_module_anywhere'",
      },
      { file: "plugins/bad.py", line: 3, message: "ValueError: out of order" },
    ]);
    expect(json.dags).toMatchObject([{ dagId: "good_dag" }]);
    expect(json.error.code).toBe("DAG_IMPORT_FAILED");
    expect(status).toBe(1);
  });

  test("lists what Airflow 3 breaks and what it will, with the replacement", async () => {
    await writeFile(project.path("dags", "old.py"), old);
    const { json } = await project.stackJson<DagsCheckResult & Failure>("dags", "check");
    const found = json.upgrades.filter(({ file }) => file === "dags/old.py");
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ line: 5, kind: "breaks", replacement: "Use schedule instead" }),
        expect.objectContaining({
          line: 5,
          kind: "breaks",
          message: expect.stringContaining("days_ago") as string,
        }),
        expect.objectContaining({
          line: 6,
          kind: "deprecated",
          replacement: expect.stringContaining("airflow.providers.standard.operators.python") as string,
        }),
      ]),
    );
    expect(json.errors.map(({ file }) => file)).toContain("dags/old.py");
  });
});
