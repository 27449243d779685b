import { describe, expect, test } from "vitest";
import { StackError } from "../../../../src/lib/errors.ts";
import { deleteCanaryDag } from "../../../../src/stack/prove/canary.ts";
import { prove } from "../../../../src/stack/prove/prove.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createCanaryWorld, type CanaryWorldOptions } from "../../../support/canary-world.ts";

const timeoutMs = 60_000;

/** What came of it, and what of the canary was left. */
async function outcomeOf(options: CanaryWorldOptions, timeMs = timeoutMs) {
  const world = await createCanaryWorld(options);
  const result = await prove(world.deps, timeMs).catch((error: unknown) => error);
  return { result, left: await world.holdings(), events: world.events };
}

test("a stack that works is proven by what comes back, and nothing is left", async () => {
  const { result, left } = await outcomeOf({});
  expect(result).toMatchObject({ runId: expect.stringMatching(/^manual__/u), bytes: 4096 });
  expect(left).toEqual([]);
});

describe("a canary that succeeded is no proof", () => {
  test.each<[string, string, NonNullable<CanaryWorldOptions["spoil"]>]>([
    [
      "with other bytes in the bucket",
      "its artifact's checksum",
      ({ store, key }) => {
        store.put("mlflow", key, new Uint8Array(4096));
      },
    ],
    [
      "with a byte too few in the bucket",
      "its artifact's checksum",
      ({ store, key }) => {
        store.put("mlflow", key, "");
      },
    ],
    [
      "without its object",
      "its artifact",
      ({ store, key }) => {
        store.delete("mlflow", key);
      },
    ],
    [
      "with another metric",
      "its run",
      ({ mlflow, runId }) => {
        mlflow.changeRun(runId, { metrics: { bytes: 4095 } });
      },
    ],
    [
      "without the metric",
      "its run",
      ({ mlflow, runId }) => {
        mlflow.changeRun(runId, { metrics: {} });
      },
    ],
    [
      "with another parameter",
      "its run",
      ({ mlflow, runId }) => {
        mlflow.changeRun(runId, { params: { token: "another" } });
      },
    ],
    [
      "with a run that MLflow doesn't call finished",
      "its run",
      ({ mlflow, runId }) => {
        mlflow.changeRun(runId, { status: "RUNNING" });
      },
    ],
    [
      "without its run",
      "its run",
      ({ mlflow, runId }) => {
        mlflow.changeRun(runId, { experimentId: "0" });
      },
    ],
    [
      "without its experiment",
      "its experiment",
      ({ mlflow, store, key }) => {
        void mlflow.deleteExperiment("7");
        store.delete("mlflow", key);
      },
    ],
  ])("%s", async (_, what, spoil) => {
    const { result, left } = await outcomeOf({ spoil });
    expect(result).toMatchObject({
      code: "VERIFY_FAILED",
      message: expect.stringContaining(`but ${what} is wrong: expected `),
    });
    expect(left).toEqual([]);
  });
});

describe("nothing of the canary is left", () => {
  test("when its task fails", async () => {
    const { result, left } = await outcomeOf({ fails: true });
    expect(result).toMatchObject({ code: "DAG_RUN_FAILED" });
    expect(left).toEqual([]);
  });

  test("when time is up while its task is at work, which is waited for", async () => {
    const { result, left } = await outcomeOf({}, 1500);
    expect(result).toMatchObject({ code: "WAIT_TIMEOUT" });
    expect(left).toEqual([]);
  });

  test.each(["import:stack_canary", "run:stack_canary", "task:stack_canary.log_to_mlflow"])(
    "after Ctrl-C at %s",
    async (step) => {
      const controller = new AbortController();
      const { result, left } = await outcomeOf({
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === "step" && event.id === step)
            controller.abort(new StackError("INTERRUPTED", "Interrupted."));
        },
      });
      expect(result).toMatchObject({ code: "INTERRUPTED" });
      expect(left).toEqual([]);
    },
  );
});

describe("a canary that can't be removed", () => {
  test("fails a proof that is none otherwise, with the rest removed", async () => {
    const { result, left } = await outcomeOf({ broken: "rm -rf" });
    expect(result).toMatchObject({ code: "FILE_UNWRITABLE" });
    expect(left).toEqual(["file"]);
  });

  test("doesn't hide why the proof failed", async () => {
    const { result, left, events } = await outcomeOf({ fails: true, broken: "rm -rf" });
    expect(result).toMatchObject({ code: "DAG_RUN_FAILED" });
    expect(left).toEqual(["file"]);
    expect(events).toContainEqual({
      kind: "note",
      level: "warning",
      text: expect.stringContaining(
        "The canary was not removed: The canary's file can't be changed in airflow",
      ),
    });
  });
});

test("a DAG that Airflow makes after the file was removed is forgotten too", async () => {
  const clock = createFakeClock();
  const madeAtMs = clock.nowMs() + 450;
  let isThere = false;
  const airflow = {
    deleteDag: async () => {
      isThere = await Promise.resolve(false);
    },
  };
  const reading = clock.sleep(450).then(() => (isThere = true));
  await deleteCanaryDag({ airflow, clock }, false);
  await reading;
  expect(clock.nowMs()).toBeGreaterThan(madeAtMs);
  expect(isThere).toBe(false);
});
