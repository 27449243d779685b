import { describe, expect, test } from "vitest";
import { chainsFrom, runChain } from "../../../../src/stack/seed/chain.ts";
import { createSeedWorld } from "../../../support/seed-world.ts";

const plan = (dagId: string, isBundled = true) => ({ dagId, file: `${dagId}.py`, isBundled });
const idsOf = (dagIds: readonly string[], isBundled = true) =>
  chainsFrom(dagIds.map((dagId) => plan(dagId, isBundled))).map((chain) => chain.map(({ dagId }) => dagId));

describe("chains", () => {
  test.each([
    [["feature_eng", "train", "predict"], [["feature_eng", "train", "predict"]]],
    [["predict", "train", "feature_eng"], [["feature_eng", "train", "predict"]]],
    [
      ["train", "sales", "predict"],
      [["train", "predict"], ["sales"]],
    ],
    [
      ["feature_eng", "predict"],
      [["feature_eng"], ["predict"]],
    ],
    [["mlflow_tutorial_dag"], [["mlflow_tutorial_dag"]]],
    [[], []],
  ])("of %j are %j", (dagIds, chains) => {
    expect(idsOf(dagIds)).toEqual(chains);
  });

  test("are not made of other people's DAGs of the same names", () => {
    expect(idsOf(["feature_eng", "train"], false)).toEqual([["feature_eng"], ["train"]]);
  });
});

describe("a chain", () => {
  const world = async (starts: readonly string[]) => {
    const made = createSeedWorld({
      project: { "dags/feature_eng.py": "one", "dags/train.py": "two" },
      dags: {
        one: { feature_eng: { tasks: ["a"], starts } },
        two: { train: { tasks: ["b"] } },
      },
    });
    await made.deps.clock.sleep(1_000);
    return { ...made, deadlineMs: made.deps.clock.nowMs() + 600_000 };
  };

  test("is followed from run to run, though its DAGs were paused", async () => {
    const { deps, airflow, deadlineMs } = await world(["train"]);
    const runs = await runChain(deps, [plan("feature_eng"), plan("train")], deadlineMs);
    expect(runs.map(({ runId }) => runId)).toEqual([
      ...airflow.runIds("feature_eng"),
      ...airflow.runIds("train"),
    ]);
    expect(runs.map(({ state }) => state)).toEqual(["success", "success"]);
  });

  test("that breaks is named within a minute", async () => {
    const { deps, deadlineMs } = await world([]);
    const startedMs = deps.clock.nowMs();
    await expect(runChain(deps, [plan("feature_eng"), plan("train")], deadlineMs)).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: expect.stringMatching(
        /^Gave up after 60 s: feature_eng has ended, but its run manual__\S+ has not started train\.$/u,
      ),
    });
    expect(deps.clock.nowMs() - startedMs).toBeLessThan(65_000);
  });
});
