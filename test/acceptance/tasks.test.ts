import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PauseResult, ResumeResult } from "../../src/stack/pause.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { recordFault } from "../support/fault-log.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { callServices } from "../support/services.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";
import { patienceMs, patienceSetting, placeWaitingDags, type WaitingDags } from "../support/waiting-dags.ts";

/** Longer than Airflow lets a task or a component be silent; where there is time, than the stack's healthchecks do, too. */
const longPauseMs = process.env["STACK_TEST_FAULTS"] === "all" ? 45_000 : patienceMs + 2000;
/** From the call of resume to a stack that is back and probed; it takes a second where nothing else is at work. */
const backWithinMs = 2000;
const soon = { timeout: 60_000, interval: 250 };

/* What becomes of a running task when the stack is frozen or taken down. The tests build on each other, in order. */
describe("a task at work", () => {
  const { airflow } = layoutFacts[usualLayout];
  let project: TestProject;
  let dags: WaitingDags;

  const up = async (): Promise<void> => {
    const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
  };
  const status = async (): Promise<StatusReport> => (await project.stackJson<StatusReport>("status")).json;
  /** What Airflow says of its components. */
  const health = async (): Promise<readonly string[] | undefined> =>
    (await status()).airflow?.components.map(({ name, status: how }) => `${name} ${how}`);
  const allHealthy = [
    "metadatabase healthy",
    "scheduler healthy",
    "triggerer healthy",
    "dag_processor healthy",
  ];
  /** Since when each container runs, and how often each component was started again. */
  const starts = async (): Promise<readonly unknown[]> =>
    (await status()).services.map(({ service, since, components }) => [
      service,
      since,
      components.map(({ name, restarts }) => [name, restarts]),
    ]);

  beforeAll(async () => {
    project = await createTestProject("tasks");
    await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports, patienceSetting));
    dags = await placeWaitingDags(project, async () => await callServices(project));
    await up();
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("goes on after a pause", async () => {
    const one = await dags.trigger("steady");
    await expect.poll(one.tries, soon).toEqual(["running"]);
    const { paused } = (await project.stackJson<PauseResult>("pause")).json;
    expect(paused).toEqual(expect.arrayContaining([...airflow]));
    expect((await status()).state).toBe("paused");

    const resumed = await project.stackJson<ResumeResult>("resume");
    expect(resumed.status).toBe(0);
    expect(resumed.json.elapsedMs).toBeLessThan(backWithinMs);
    expect(resumed.json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(resumed.json.tasks).toMatchObject([{ dagId: "steady", taskId: "work", fate: "goes on" }]);
    await dags.release("steady");
    await expect.poll(one.state, soon).toBe("success");
    expect(await one.tries()).toEqual(["success"]);
    recordFault({ after: "its only try succeeds" });
  });

  // Its first sign of life after the pause, or the scheduler's look at signs of life: it is a matter of a moment.
  test("has its fate told by resume after a pause that is longer than Airflow's patience", async () => {
    const one = await dags.trigger("silent");
    await expect.poll(one.tries, soon).toEqual(["running"]);
    const before = await starts();
    await project.stack("pause");
    await sleep(longPauseMs);
    const resumed = await project.stackJson<ResumeResult>("resume");
    expect(resumed.status).toBe(0);
    expect(resumed.json.elapsedMs).toBeLessThan(backWithinMs);
    expect(resumed.json.tasks).toMatchObject([{ dagId: "silent", taskId: "work" }]);
    // Signs of life that had aged are no failures.
    expect(await status()).toMatchObject({ state: "up", problems: [] });
    // Each component shows itself every five seconds, but Airflow's own word is of the last time that it did.
    await expect.poll(health, { timeout: 10_000, interval: 250 }).toEqual(allHealthy);

    await dags.release("silent");
    await expect.poll(one.state, soon).toBe("success");
    const tries = await one.tries();
    const fate = resumed.json.tasks[0]?.fate;
    expect(fate).toMatch(tries.length === 1 ? /^goes on$/u : /^(?:will be|was) retried$/u);
    expect(await status()).toMatchObject({ state: "up", problems: [] });
    expect(await health()).toEqual(allHealthy);
    expect(await starts()).toEqual(before);
    recordFault({ shown: `silent work: ${fate}`, after: `tries: ${tries.join(", ")}` });
  });

  test("is recorded as failed when a stop cuts it off", async () => {
    const one = await dags.trigger("last");
    await expect.poll(one.tries, soon).toEqual(["running"]);
    const beganMs = Date.now();
    expect((await project.stack("down")).status).toBe(0);
    expect(Date.now() - beganMs).toBeLessThan(15_000);

    await up();
    // With a container for each component Airflow begins another try of its own accord.
    await expect.poll(async () => (await one.tries())[0], soon).toBe("failed");
    recordFault({ after: `\`up\` has all back; the task's tries: ${(await one.tries()).join(", ")}` });
  });
});
