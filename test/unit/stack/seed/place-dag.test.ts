import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { placeDag, planDags } from "../../../../src/stack/seed/place-dag.ts";
import { createSeedWorld } from "../../../support/seed-world.ts";

const path = "dags/mlflow_tutorial_dag.py";
const bundledText = readFileSync(path, "utf8");
const plan = { dagId: "mlflow_tutorial_dag", file: "mlflow_tutorial_dag.py", isBundled: true };

describe("the names given to seed", () => {
  test("mean the tutorial when there are none", async () => {
    await expect(planDags(createSeedWorld().deps, [])).resolves.toEqual([plan]);
  });

  test("may be file names, and count once", async () => {
    const { deps } = createSeedWorld();
    await expect(planDags(deps, ["mlflow_tutorial_dag.py", "mlflow_tutorial_dag"])).resolves.toEqual([plan]);
  });

  test("may be DAGs that Airflow knows, in whatever file", async () => {
    const { deps } = createSeedWorld({
      project: { "dags/many.py": "two dags" },
      dags: { "two dags": { sales: { tasks: ["a"] }, stock: { tasks: ["a"] } } },
    });
    await deps.clock.sleep(1_000);
    await expect(planDags(deps, ["stock"])).resolves.toEqual([
      { dagId: "stock", file: "many.py", isBundled: false },
    ]);
  });

  test("may be files that Airflow has not read yet", async () => {
    const { deps } = createSeedWorld({ project: { "dags/new.py": "new" } });
    await expect(planDags(deps, ["new"])).resolves.toEqual([
      { dagId: "new", file: "new.py", isBundled: false },
    ]);
  });

  test("are refused when nobody knows them, with those that can be had", async () => {
    const { deps, files } = createSeedWorld({
      project: { "dags/many.py": "two dags" },
      dags: { "two dags": { sales: { tasks: ["a"] }, stock: { tasks: ["a"] } } },
    });
    await deps.clock.sleep(1_000);
    await expect(planDags(deps, ["mlflow_tutorial_dag", "stok"])).rejects.toMatchObject({
      code: "USAGE",
      message: 'There is no DAG "stok", neither in Airflow nor with stack.',
      hint: expect.stringMatching(/^Choose one of: .*mlflow_tutorial_dag, .*sales, stock/u) as string,
    });
    expect([...files.files.keys()]).toEqual(["dags/many.py"]);
  });
});

describe("a bundled DAG", () => {
  test("is copied when it is missing", async () => {
    const { deps, files, events } = createSeedWorld();
    await expect(placeDag(deps, plan)).resolves.toBe("copied");
    expect(files.files.get(path)?.text).toBe(bundledText);
    expect(events).toMatchObject([{ id: "dag:mlflow_tutorial_dag", status: "done", text: `Copied ${path}` }]);
  });

  test("is left alone when it is there", async () => {
    const { deps, files, events } = createSeedWorld({ project: { [path]: bundledText } });
    await expect(placeDag(deps, plan)).resolves.toBe("unchanged");
    expect(files.files.get(path)?.text).toBe(bundledText);
    expect(events).toMatchObject([{ status: "unchanged", detail: "already there" }]);
  });

  test("is left alone when it was edited, and that is said", async () => {
    const { deps, files, events } = createSeedWorld({ project: { [path]: "# mine" } });
    await expect(placeDag(deps, plan)).resolves.toBe("edited");
    expect(files.files.get(path)?.text).toBe("# mine");
    expect(events).toMatchObject([
      { status: "unchanged", detail: expect.stringContaining("stays as it is") },
    ]);
  });
});
