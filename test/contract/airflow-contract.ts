import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Clock } from "../../src/lib/clock.ts";
import { pollUntil } from "../../src/lib/poll.ts";
import type { Airflow } from "../../src/stack/service-ports.ts";

export interface AirflowWorld {
  readonly airflow: Airflow;
  readonly clock: Clock;
  /** What it consists of. */
  readonly components: readonly string[];
  /** A DAG that is there and succeeds, with the ids of its tasks. */
  readonly dag: { readonly dagId: string; readonly file: string; readonly taskIds: readonly string[] };
  /** Puts a file in the DAG folder, or takes it away. */
  putDagFile(file: string, text: string | undefined): Promise<void>;
}

const brokenFile = "contract_broken.py";
// Airflow passes over a file without the words "airflow" and "dag".
const brokenText = "# an airflow dag\n\nimport no_such_module_anywhere\n";

/** A DAG that updates an asset, and one that is scheduled on it. */
// Airflow 2 calls assets datasets, and wants every DAG to have a start date.
const assetImports = `from datetime import datetime

try:
    from airflow.sdk import Asset, dag, task
except ImportError:
    from airflow.datasets import Dataset as Asset
    from airflow.decorators import dag, task
`;

const assetFiles = {
  "contract_cause.py": `${assetImports}
@dag(schedule=None, start_date=datetime(2026, 1, 1))
def contract_cause():
    @task(outlets=[Asset("contract_asset")])
    def work():
        pass
    work()

contract_cause()
`,
  "contract_effect.py": `${assetImports}
@dag(schedule=[Asset("contract_asset")], start_date=datetime(2026, 1, 1))
def contract_effect():
    @task
    def work():
        pass
    work()

contract_effect()
`,
} as const;

/** What every Airflow port keeps to. */
export function describeAirflowContract(name: string, makeWorld: () => Promise<AirflowWorld>): void {
  describe(`${name} keeps the Airflow contract`, () => {
    let world: AirflowWorld;
    beforeAll(async () => {
      world = await makeWorld();
      await within(30_000, "the DAG is there", async () => await world.airflow.dag(world.dag.dagId));
    });
    afterAll(async () => {
      for (const file of [brokenFile, ...Object.keys(assetFiles)]) await world.putDagFile(file, undefined);
    });

    const within = async <T>(timeoutMs: number, what: string, check: () => Promise<T | undefined>) =>
      await pollUntil(check, {
        clock: world.clock,
        intervalMs: 250,
        timeoutMs,
        describe: () => `not so: ${what}`,
      });

    test("tells how its components are", async () => {
      const components = await world.airflow.components();
      expect(components.map((one) => `${one.name} ${one.status}`).toSorted()).toEqual(
        world.components.map((one) => `${one} healthy`).toSorted(),
      );
      const beating = components.filter((one) => one.name !== "metadatabase");
      for (const { latestHeartbeat } of beating) expect(Date.parse(latestHeartbeat ?? "")).not.toBeNaN();
    });

    test("lists a DAG as it gives it alone", async () => {
      const { airflow, dag } = world;
      const alone = await airflow.dag(dag.dagId);
      expect(alone).toMatchObject({ dagId: dag.dagId, file: dag.file, hasImportErrors: false });
      expect((await airflow.dags()).find(({ dagId }) => dagId === dag.dagId)).toMatchObject({
        dagId: dag.dagId,
        file: dag.file,
        fileToken: alone?.fileToken,
      });
    });

    test("has no DAG of an unknown name", async () => {
      await expect(world.airflow.dag("no_such_dag")).resolves.toBeUndefined();
    });

    test("reads a file again when it is told to", async () => {
      const { airflow, dag } = world;
      const before = await airflow.dag(dag.dagId);
      await airflow.parseFile(before?.fileToken ?? "");
      const after = await within(30_000, "the DAG was parsed again", async () => {
        const now = await airflow.dag(dag.dagId);
        return now?.lastParsed === before?.lastParsed ? undefined : now;
      });
      expect(Date.parse(after.lastParsed ?? "")).toBeGreaterThan(Date.parse(before?.lastParsed ?? ""));
    });

    test("tells which file can't be imported, and forgets it with the file", async () => {
      const { airflow, putDagFile } = world;
      await putDagFile(brokenFile, brokenText);
      const find = async () => (await airflow.importErrors()).find(({ file }) => file === brokenFile);
      const error = await within(30_000, "the import error is there", find);
      expect(error.stackTrace).toContain("no_such_module_anywhere");
      expect(error.stackTrace).toMatch(new RegExp(`/${brokenFile}", line 3`, "u"));
      expect(Date.parse(error.timestamp)).not.toBeNaN();

      await putDagFile(brokenFile, undefined);
      await within(60_000, "the import error is gone", async () =>
        (await find()) === undefined ? true : undefined,
      );
    });

    test("runs a DAG to its end, with the states and logs of its tasks", async () => {
      const { airflow, dag } = world;
      await airflow.unpause(dag.dagId);
      await expect(airflow.dag(dag.dagId)).resolves.toMatchObject({ isPaused: false });

      const { runId, state } = await airflow.trigger(dag.dagId);
      expect(["queued", "running"]).toContain(state);
      expect(await airflow.latestRuns(1)).toMatchObject([{ dagId: dag.dagId, runId }]);
      expect(await airflow.latestRuns(1, undefined, dag.dagId)).toMatchObject([{ dagId: dag.dagId, runId }]);
      const run = await within(90_000, "the run has ended", async () => {
        const now = await airflow.dagRun(dag.dagId, runId);
        return now.state === "success" || now.state === "failed" ? now : undefined;
      });
      expect(run).toMatchObject({ dagId: dag.dagId, runId, state: "success" });
      expect(Date.parse(run.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(run.startedAt ?? ""));

      const tasks = await airflow.taskInstances(dag.dagId, runId);
      expect(tasks.map(({ taskId, state: ended }) => `${taskId} ${ended}`).toSorted()).toEqual(
        dag.taskIds.map((taskId) => `${taskId} success`).toSorted(),
      );
      for (const task of tasks) {
        const log = await airflow.taskLog({ dagId: dag.dagId, runId, ...task });
        expect(log.length).toBeGreaterThan(0);
      }
    });

    test("tells which runs a run started by updating an asset, and that another started none", async () => {
      const { airflow, dag, putDagFile } = world;
      for (const [file, text] of Object.entries(assetFiles)) await putDagFile(file, text);
      for (const dagId of ["contract_effect", "contract_cause"]) {
        await within(30_000, `${dagId} is there`, async () => await airflow.dag(dagId));
        await airflow.unpause(dagId);
      }
      const { runId } = await airflow.trigger("contract_cause");
      const started = await within(90_000, "a run was started", async () => {
        // A run of the fake goes on when it is looked at.
        await airflow.dagRun("contract_cause", runId);
        return (await airflow.runsStartedBy("contract_cause", runId))[0];
      });
      expect(started.dagId).toBe("contract_effect");
      await expect(airflow.dagRun("contract_effect", started.runId)).resolves.toMatchObject(started);

      const other = await airflow.trigger(dag.dagId);
      await expect(airflow.runsStartedBy(dag.dagId, other.runId)).resolves.toEqual([]);
    });

    test("gives every trigger a run of its own", async () => {
      const { airflow, dag } = world;
      const [before] = await airflow.latestRuns(1);
      const { runId } = await airflow.trigger(dag.dagId);
      expect(runId).not.toBe(before?.runId);
    });

    test.each([
      ["the trigger of an unknown DAG", async () => await world.airflow.trigger("no_such_dag")],
      ["an unknown run", async () => await world.airflow.dagRun(world.dag.dagId, "no such run")],
    ])("refuses $0 in its own words", async (_, ask) => {
      await expect(ask()).rejects.toMatchObject({
        code: "AIRFLOW_REFUSED",
        message: expect.stringContaining("not found"),
      });
    });

    test("stops when it is interrupted", async () => {
      await expect(world.airflow.dags(AbortSignal.abort())).rejects.toMatchObject({ code: "INTERRUPTED" });
    });
  });
}
