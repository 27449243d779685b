import { writeFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServiceStatus, StatusReport } from "../../src/stack/status-report.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { recordFault } from "../support/fault-log.ts";
import { liveLauncher, type LiveLauncher } from "../support/live-launcher.ts";
import { docker, run, type Finished } from "../support/run.ts";
import { callServices } from "../support/services.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";
import { patienceSetting, placeWaitingDags, type WaitingDags } from "../support/waiting-dags.ts";

const components = ["api-server", "scheduler", "dag-processor", "triggerer"];
const settings = `airflow: { layout: together }\n${patienceSetting}`;
const soon = { timeout: 60_000, interval: 250 };

/* What may happen to Airflow's components in their one container. The tests build on each other, in order. */
describe("Airflow's components together", () => {
  let project: TestProject;
  let launcher: LiveLauncher;
  let dags: WaitingDags;

  const up = async (): Promise<void> => {
    const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
  };
  const airflow = async (): Promise<ServiceStatus | undefined> => {
    const { json } = await project.stackJson<StatusReport>("status");
    return json.services.find(({ service }) => service === "airflow");
  };
  const expectRunToSucceed = async (): Promise<void> => {
    const one = await dags.trigger("quick");
    await expect.poll(one.state, soon).toBe("success");
  };
  const expectNamedLines = ({ stdout, stderr }: Finished): void => {
    // Compose begins each line with a code that clears it.
    const lines = stripVTControlCharacters(`${stdout}${stderr}`).split("\n").slice(0, -1);
    expect(lines.length).toBeGreaterThan(10);
    const named = /^(?:api-server|scheduler|dag-processor|triggerer|launcher|migrate) *\| /u;
    expect(lines.filter((line) => !named.test(line))).toEqual([]);
  };
  /** Takes the stack down; tells how Airflow's container ended. */
  const down = async (): Promise<{
    readonly elapsedMs: number;
    readonly exitCode: number;
    readonly log: Finished;
  }> => {
    const container = await project.containerOf("airflow");
    const following = run("docker", ["logs", "--follow", "--tail", "0", container]);
    const since = Date.now();
    expect((await project.stack("down")).status).toBe(0);
    const elapsedMs = Date.now() - since;
    const filters = [
      "--filter",
      "type=container",
      "--filter",
      "event=die",
      "--filter",
      `container=${container}`,
    ];
    const span = ["--since", String(since / 1000), "--until", String(Date.now() / 1000)];
    const exitCode = await docker(
      "events",
      ...filters,
      ...span,
      "--format",
      "{{.Actor.Attributes.exitCode}}",
    );
    return { elapsedMs, exitCode: Number(exitCode), log: await following };
  };

  beforeAll(async () => {
    project = await createTestProject("launcher");
    await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports, settings));
    launcher = liveLauncher(project);
    dags = await placeWaitingDags(project, async () => await callServices(project));
    await up();
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("each line of their output names who wrote it", async () => {
    await expectRunToSucceed();
    const file = project.path(".stack", "compose.yaml");
    expectNamedLines(await run("docker", ["compose", "--file", file, "logs", "--no-log-prefix", "airflow"]));
  });

  test("status tells how much memory each of them uses", async () => {
    const parts = async () => (await airflow())?.components.map((one) => one.memoryBytes) ?? [];
    await expect.poll(async () => Math.min(...(await parts())), soon).toBeGreaterThan(20 * 1024 ** 2);
    const service = await airflow();
    const sizes = service?.components.map((one) => one.memoryBytes) ?? [];
    expect(sizes).toHaveLength(components.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(service?.memoryBytes ?? 0);
  });

  test("workers that die while they have nothing to do are replaced", async () => {
    const pidsOf = async () => (await launcher.workers()).map(({ pid }) => pid);
    await expect.poll(pidsOf, soon).toHaveLength(4);
    const before = await pidsOf();
    // One of them holds the lock on the queue that all of them read.
    await launcher.kill(...before);
    const isNew = async () => (await pidsOf()).filter((pid) => !before.includes(pid));
    await expect.poll(isNew, soon).toHaveLength(4);
    await expectRunToSucceed();
    recordFault({ after: "four other workers, and a run succeeds" });
  });

  test("a task whose worker dies is tried again by Airflow's own rules", async () => {
    const one = await dags.trigger("patient");
    await expect.poll(one.tries, soon).toEqual(["running"]);
    const busy = (await launcher.workers()).find(({ task }) => task !== undefined);
    await launcher.kill(busy?.pid ?? Number.NaN);
    await expect.poll(one.tries, soon).toEqual(["failed", "running"]);
    await dags.release("patient");
    await expect.poll(one.state, soon).toBe("success");
    expect(await launcher.workers()).toHaveLength(4);
    recordFault({ after: "its second try succeeds" });
  });

  test.each(components)("%s alone comes back when it was killed, and that is told", async (name) => {
    const container = await launcher.startedAt();
    const { [name]: doomed = Number.NaN, ...others } = await launcher.pids();
    await launcher.kill(doomed);

    const told = { name, state: "healthy", restarts: 1, lastExit: "killed by SIGKILL" };
    const found = async () => (await airflow())?.components.find((one) => one.name === name);
    await expect.poll(found, soon).toMatchObject(told);
    const after = await launcher.pids();
    expect(after).toMatchObject(others);
    expect(after[name]).not.toBe(doomed);
    expect(await launcher.startedAt()).toBe(container);
    expect((await project.stack("status")).stdout).toMatch(
      new RegExp(`${name} +healthy .*restarted 1×, last ended with killed by SIGKILL`, "u"),
    );
    const log = await docker("logs", await project.containerOf("airflow"));
    expect(log).toMatch(new RegExp(`^launcher +\\| ${name} ended: killed by SIGKILL; next start in`, "mu"));
    recordFault({
      shown: `${name} restarted 1×, last ended with ${told.lastExit}`,
      after: "healthy, the others untouched",
    });
  });

  test("a run succeeds after all that", async () => {
    await expectRunToSucceed();
  });

  test("a task that a stop cuts off is recorded as failed", async () => {
    const one = await dags.trigger("last");
    await expect.poll(one.tries, soon).toEqual(["running"]);
    const { elapsedMs, exitCode, log } = await down();
    expect(elapsedMs).toBeLessThan(15_000);
    expect(exitCode, log.stdout).toBe(0);
    expectNamedLines(log);

    await up();
    expect(await one.tries()).toEqual(["failed"]);
    recordFault({ after: "`up` has all back, and the task isn't left running" });
  });

  test("a stop ends cleanly while a component waits for its next start", async () => {
    const pid = async () => (await launcher.pids())["triggerer"];
    const said = async () => await docker("logs", await project.containerOf("airflow"));
    for (const wait of ["0.5", "1", "2", "4"]) {
      await expect.poll(pid, soon).toBeDefined();
      await launcher.kill((await pid()) ?? Number.NaN);
      await expect.poll(said, soon).toContain(`triggerer ended: killed by SIGKILL; next start in ${wait} s`);
    }
    const { exitCode, log } = await down();
    expect(exitCode, log.stdout).toBe(0);
    await up();
    recordFault({ after: "ended with 0, and `up` has all back" });
  });

  test("down without anything to do ends them in order", async () => {
    const { elapsedMs, exitCode, log } = await down();
    expect(exitCode, log.stdout).toBe(0);
    expect(elapsedMs).toBeLessThan(10_000);
    const last = (name: string) => log.stdout.split("\n").findLastIndex((line) => line.startsWith(name));
    expect(last("scheduler")).toBeGreaterThanOrEqual(0);
    expect(last("scheduler")).toBeLessThan(last("api-server"));
  });
});
