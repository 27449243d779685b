import { describe, expect, test } from "vitest";
import { runDag } from "../../../../src/stack/seed/run-dag.ts";
import { createSeedWorld, type SeedWorldOptions } from "../../../support/seed-world.ts";

async function world(
  dag: { tasks: string[]; failing?: { taskId: string; log: string[] } },
  options: SeedWorldOptions = {},
) {
  const made = createSeedWorld({
    project: { "dags/sales.py": "sales" },
    dags: { sales: { sales: dag } },
    ...options,
  });
  await made.deps.clock.sleep(1_000);
  return { ...made, deadlineMs: made.deps.clock.nowMs() + 60_000 };
}

describe("a run", () => {
  test("is triggered on an unpaused DAG and followed to its end", async () => {
    const { deps, airflow, deadlineMs } = await world({ tasks: ["extract", "load"] });
    const run = await runDag(deps, "sales", deadlineMs);
    expect(airflow.runIds("sales")).toEqual([run.runId]);
    expect(run).toMatchObject({
      state: "success",
      tasks: [
        { taskId: "extract", state: "success" },
        { taskId: "load", state: "success" },
      ],
    });
    expect(run.durationMs).toBeGreaterThanOrEqual(2_000);
    await expect(airflow.dag("sales")).resolves.toMatchObject({ isPaused: false });
  });

  test("tells each task's state once", async () => {
    const { deps, events, deadlineMs } = await world({ tasks: ["extract", "load"] });
    await runDag(deps, "sales", deadlineMs);
    const lines = events.flatMap((event) =>
      event.kind === "step" ? `${event.id} ${event.status} ${event.detail ?? ""}` : [],
    );
    expect(lines).toEqual([
      expect.stringMatching(/^run:sales started manual__/u),
      "task:sales.extract progress running",
      "task:sales.extract done success",
      "task:sales.load progress running",
      "task:sales.load done success",
      "run:sales done ",
    ]);
  });

  test("that fails names the task and ends with its last words", async () => {
    const log = [...Array.from({ length: 40 }, (_, index) => `line ${index}`), "ValueError: no luck"];
    const { deps, deadlineMs } = await world({
      tasks: ["a", "b", "c"],
      failing: { taskId: "b", log },
    });
    const failure = runDag(deps, "sales", deadlineMs);
    await expect(failure).rejects.toMatchObject({
      code: "DAG_RUN_FAILED",
      message: "Task b of sales failed: ValueError: no luck.",
      hint: expect.stringMatching(/^See http:\/\/localhost:8080\/dags\/sales\/runs\/manual__\S+\.$/u),
      facts: { dagId: "sales", task: "b", log: log.slice(-20), runId: expect.stringContaining("manual__") },
    });
  });

  test("that fails before a task has written anything leads to Airflow's own log", async () => {
    const log = ["/opt/airflow/logs/dag_id=sales/run_id=manual__1/task_id=a/attempt=1.log"];
    const { deps, deadlineMs } = await world({ tasks: ["a"], failing: { taskId: "a", log } });
    await expect(runDag(deps, "sales", deadlineMs)).rejects.toMatchObject({
      code: "DAG_RUN_FAILED",
      message: "Task a of sales failed before it wrote anything.",
      hint: expect.stringContaining("`stack logs scheduler --since 10m`") as string,
    });
  });

  test.each([
    "ClientError: (RequestTimeTooSkewed) when calling the PutObject operation",
    "AirflowRuntimeError: API_SERVER_ERROR: {'status_code': 403, 'message': 'Invalid auth token'}",
  ])("that fails by a clock says so, and how to set it right: %s", async (words) => {
    const log = [words, "Task failed"];
    const { deps, deadlineMs } = await world({ tasks: ["a"], failing: { taskId: "a", log } });
    await expect(runDag(deps, "sales", deadlineMs)).rejects.toMatchObject({
      code: "DAG_RUN_FAILED",
      hint: expect.stringMatching(/^Set the clocks right: `stack doctor`.* See http:/u),
    });
  });

  test("that takes too long is given up, saying what its tasks did", async () => {
    const { deps, deadlineMs } = await world({
      tasks: Array.from({ length: 100 }, (_, index) => `t${index}`),
    });
    await expect(runDag(deps, "sales", deadlineMs)).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: expect.stringMatching(
        /^Gave up after 60 s: sales has not ended \(t0: success, .*t60: running/u,
      ),
    });
  });

  test("is left when the user interrupts", async () => {
    const controller = new AbortController();
    const { deps, deadlineMs } = await world({ tasks: ["a"] }, { signal: controller.signal });
    controller.abort();
    await expect(runDag(deps, "sales", deadlineMs)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
