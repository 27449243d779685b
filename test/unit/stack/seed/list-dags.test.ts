import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bundledDags } from "../../../../src/stack/seed/bundled-dags.ts";
import { listDags } from "../../../../src/stack/seed/list-dags.ts";
import { createSeedWorld } from "../../../support/seed-world.ts";

describe("the DAGs that come with the tool", () => {
  test("are the files that come with it", () => {
    const files = readdirSync("dags").filter((name) => name.endsWith(".py"));
    expect(bundledDags.map(({ dagId }) => `${dagId}.py`).toSorted()).toEqual(files.toSorted());
  });

  test("are on the classic line those that it has", async () => {
    const { deps } = createSeedWorld({ line: "classic" });
    const { dags } = await listDags(deps, { dagsDir: "dags", line: "classic" });
    const files = readdirSync("dags/classic").filter((name) => name.endsWith(".py"));
    expect(dags.map(({ file }) => file)).toEqual(files.map((name) => `dags/${name}`));
  });

  test("start each other as their files say", () => {
    const textOf = (dagId: string) => readFileSync(`dags/${dagId}.py`, "utf8");
    const assetsOf = (text: string, of: RegExp) => [...text.matchAll(of)].map(([, name = ""]) => name);
    for (const { dagId, startedBy } of bundledDags) {
      const waitsFor = assetsOf(textOf(dagId), /schedule=\[(\w+)\]/gu);
      const updated = startedBy === undefined ? [] : assetsOf(textOf(startedBy), /outlets=\[(\w+)\]/gu);
      expect([dagId, waitsFor]).toEqual([dagId, updated]);
    }
  });

  test("are listed with what of them is in the project", async () => {
    const { deps } = createSeedWorld({
      project: {
        "dags/train.py": "# mine",
        "dags/predict.py": readFileSync("dags/predict.py", "utf8"),
      },
    });
    const { dags } = await listDags(deps, { dagsDir: "dags", line: "current" });
    expect(dags.map(({ file, inProject }) => `${file} ${inProject}`)).toEqual([
      "dags/mlflow_tutorial_dag.py missing",
      "dags/feature_eng.py missing",
      "dags/train.py edited",
      "dags/predict.py unchanged",
      "dags/custom_operator_dag.py missing",
    ]);
  });
});
