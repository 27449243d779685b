import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusReport } from "../../src/stack/status-report.ts";
import { noteShown } from "../support/fault-log.ts";
import { atOnceMs, createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { docker, dockerLines, output } from "../support/run.ts";
import { callServices, type LiveServices } from "../support/services.ts";
import type { Failure } from "../support/test-project.ts";

const dag = (name: string, work: string): string => `from time import sleep
from airflow.sdk import dag, task


@dag(dag_id="${name}", schedule=None, is_paused_upon_creation=False)
def one():
    @task
    def work():
        ${work}

    work()


one()
`;
const brokenFiles = 300;
/** From the loss of something that a task is about to need until its run has failed of that, which is told. */
const taskFailsMs = 10_000;

/* What may happen while DAGs run; in a folder whose name has all that a shell or YAML may stumble over. */
describe("a stack at work, in a folder with an odd name", () => {
  let stack: FaultStack;
  const place = async (name: string, work: string): Promise<void> => {
    await writeFile(stack.path("dags", `${name}.py`), dag(name, work));
  };
  /** When the engine first saw this happen to a container after `sinceMs`, by the time of day. */
  const happenedMs = async (event: string, container: string, sinceMs: number): Promise<number> => {
    const times = ["--since", String(sinceMs / 1000), "--until", String(Date.now() / 1000)];
    const filters = ["--filter", `event=${event}`, "--filter", `container=${container}`];
    const lines = await dockerLines("events", ...times, ...filters, "--format", "{{.TimeNano}}");
    return Number(lines[0]) / 1e6;
  };
  const expectRun = async (name: string): Promise<void> => {
    expect((await stack.stack("seed", name)).status).toBe(0);
  };

  beforeAll(async () => {
    stack = await createFaultStack("running", { folder: `my "own" stack's größe $HOME #1` });
    await place("good", "sleep(1)");
  });
  afterAll(async () => {
    await stack.dispose();
  });

  test("names a task that takes more memory than there is, and runs others", async () => {
    const airflow = await stack.containerOf("airflow");
    await docker("update", "--memory=1600m", "--memory-swap=1600m", airflow);
    await place("greedy", "held = [bytearray(64 * 1024**2) for _ in range(1000)]");
    const beganMs = Date.now();
    const seeding = stack.spawn("seed", "greedy", "--json");
    const named = /airflow reached its memory limit, and the kernel ended a process of it/u;
    const seenMs = await seeding.seen("stderr", named);
    const namedAfterMs = seenMs - (await happenedMs("oom", airflow, beganMs));
    noteShown(seeding.line("stderr", named) ?? "", namedAfterMs);
    expect(namedAfterMs).toBeLessThan(atOnceMs);
    const { status, stdout } = await seeding.ended;
    const { error } = JSON.parse(stdout) as Failure;
    expect(error).toMatchObject({ code: "DAG_RUN_FAILED", facts: { task: "work" } });
    expect(error.message).toContain("out of memory");
    expect(status).toBe(1);
    await expectRun("good");
    await docker("rm", "--force", airflow);
    await stack.expectWhole("a task takes more memory than there is");
  });

  test("names a database that is restarted during a run", async () => {
    const seeding = stack.spawn("seed", "--json");
    await seeding.seen("stderr", /Running mlflow_tutorial_dag/u);
    const beganMs = Date.now();
    const restarting = docker("restart", await stack.containerOf("postgres"));
    const named = /postgres (?:ended \(exit code|was stopped from outside|was told to stop)/u;
    await stack.expectNamed(seeding, named, beganMs);
    await restarting;
    const { status, stdout } = await seeding.ended;
    // Airflow may get over it; what it must not do is fail for a reason that isn't told.
    const { error } = JSON.parse(stdout) as Partial<Failure>;
    expect([undefined, "SERVICE_UNHEALTHY"]).toContain(error?.code);
    expect(error?.facts["service"] ?? "postgres").toBe("postgres");
    expect(status).toBe(error?.status ?? 0);
    await stack.expectWhole("postgres restarted during a DAG run");
    await expectRun("good");
  });

  test("names a bucket that is deleted during a run, and has it back", async () => {
    const root = `http://${await stack.secret("MINIO_ROOT_USER")}:${await stack.secret("MINIO_ROOT_PASSWORD")}@127.0.0.1:9000`;
    const settings = ["--env", `MC_HOST_root=${root}`, "--env", "MC_CONFIG_DIR=/tmp/mc"];
    const mc = async (...args: string[]): Promise<string> =>
      await docker("exec", ...settings, await stack.containerOf("minio"), "mc", ...args);
    await mc("cp", "--recursive", "root/mlflow/", "/tmp/saved/");
    const kept = stack.path("saved.tar");
    const inMinio = async (options: string, shell: string): Promise<string> =>
      await output("sh", ["-c", `docker exec ${options} ${await stack.containerOf("minio")} ${shell}`, kept]);
    await inMinio("", 'tar -C /tmp -c saved >"$0"');

    const seeding = stack.spawn("seed", "--json");
    await seeding.seen("stderr", /Running mlflow_tutorial_dag/u);
    await mc("rb", "--force", "root/mlflow");
    const goneMs = Date.now();
    const { status, stdout } = await seeding.ended;
    const { error } = JSON.parse(stdout) as Failure;
    const namedAfterMs = Date.now() - goneMs;
    noteShown(`${error.code}: ${error.message}`, namedAfterMs);
    expect(namedAfterMs).toBeLessThan(taskFailsMs);
    expect(error).toMatchObject({ code: "DAG_RUN_FAILED" });
    expect(error.message).toContain("NoSuchBucket");
    expect(status).toBe(1);

    const refused = await stack.expectFailure("PROBE_FAILED", "up");
    expect(refused.facts["causes"]).toContain("bucket-missing");
    expect(refused.hint).toContain("Run `stack up` again: the bucket is made anew");
    expect((await stack.stack("up")).status).toBe(0);
    await inMinio("--interactive", 'tar -C /tmp -x <"$0"');
    await mc("cp", "--recursive", "/tmp/saved/", "root/mlflow/");
    await stack.expectWhole("the bucket deleted during a DAG run, and its objects put back by hand");
  });

  test("lets a task that is about to end do so while it is taken down", async () => {
    await place("brief", "sleep(3)");
    await expectRun("brief");
    const ask = async <T>(...request: Parameters<LiveServices["airflow"]>): Promise<T> =>
      await (await callServices(stack)).airflow<T>(...request);
    const wanted = { method: "POST", body: JSON.stringify({ logical_date: null }) };
    const { dag_run_id: runId } = await ask<{ dag_run_id: string }>("dags/brief/dagRuns", wanted);
    const path = `dags/brief/dagRuns/${encodeURIComponent(runId)}/taskInstances/work`;
    const task = async (): Promise<object> => await ask<object>(path);
    const inTime = { timeout: 20_000, interval: 100 };
    await expect.poll(task, inTime).toMatchObject({ state: "running", try_number: 1 });
    expect((await stack.stack("down")).status).toBe(0);
    await stack.expectWhole("`down` while a task ends");
    await expect(task()).resolves.toMatchObject({ state: "success", try_number: 1 });
  });

  test(`runs a good DAG beside ${brokenFiles} broken ones, and says which those are`, async () => {
    await mkdir(stack.path("dags", "broken"));
    const text = "from airflow.sdk import dag\nimport no_such_module_anywhere\n";
    const names = Array.from({ length: brokenFiles }, (_, index) => `broken/dag_${index + 100}.py`);
    for (const name of names) await writeFile(stack.path("dags", name), text);

    const placedMs = Date.now();
    const broken = async (): Promise<readonly string[]> =>
      (await stack.stackJson<StatusReport>("status")).json.airflow?.brokenFiles ?? [];
    await expect.poll(broken, { timeout: 120_000, interval: 1000 }).toEqual(names);
    const namedAfterMs = Date.now() - placedMs;
    await expectRun("good");
    const { status, stdout } = await stack.stack("status");
    expect(stdout).toContain(`${brokenFiles} files with import errors  broken/dag_100.py, `);
    noteShown(stdout.split("\n").find((line) => line.includes("import errors")) ?? "", namedAfterMs);
    expect(stdout.split("\n").length).toBeLessThan(80);
    expect(status).toBe(0);
    await rm(stack.path("dags", "broken"), { recursive: true });
    await stack.expectWhole(`${brokenFiles} DAG files that can't be imported`);
  });
});
