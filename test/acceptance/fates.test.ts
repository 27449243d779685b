import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { triggerRun } from "../support/dag-run.ts";
import { callServices } from "../support/services.ts";
import { createTestProject, settingsText, type TestProject } from "../support/test-project.ts";

const fixture = join(import.meta.dirname, "..", "fixtures", "fates", "fates.py");
/** What Airflow's own components make of each task of the DAG `fates`. */
const fates = {
  ends_well: "success, tries: 1",
  reads: "success, tries: 1",
  raises: "failed, tries: 1",
  does_better_the_second_time: "success, tries: 2",
  gives_up: "failed, tries: 1",
  leaves_its_process: "failed, tries: 1",
  is_killed: "success, tries: 2",
  takes_too_long: "failed, tries: 1",
  skips: "skipped, tries: 1",
  comes_after_a_failed_one: "upstream_failed, tries: 0",
  comes_after_a_skipped_one: "skipped, tries: 0",
  cleans_up: "success, tries: 1",
  chooses: "success, tries: 1",
  chosen: "success, tries: 1",
  left_out: "skipped, tries: 0",
  "squares 0": "success, tries: 1",
  "squares 1": "success, tries: 1",
  "squares 2": "success, tries: 1",
  adds: "success, tries: 1",
  waits: "success, tries: 1",
  comes_after_a_wait: "success, tries: 1",
};
const soon = { timeout: 120_000, interval: 250 };

/*
 * The same with all the launcher's departures from Airflow and with a container for each of Airflow's components, which
 * has none of them.
 */
describe("a task", () => {
  let project: TestProject;
  const up = async (): Promise<void> => {
    expect((await project.stack("up")).status).toBe(0);
  };

  beforeAll(async () => {
    project = await createTestProject("fates");
    await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports));
    await mkdir(project.path("dags"), { recursive: true });
    await copyFile(fixture, project.path("dags", "fates.py"));
    await up();
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("has the state, the tries and the result that Airflow's own components give it", async () => {
    const run = await triggerRun(await callServices(project), "fates");
    await expect.poll(run.state, soon).toMatch(/success|failed/u);
    expect(await run.tasks()).toEqual(fates);
    expect(await run.tries("does_better_the_second_time")).toEqual(["failed", "success"]);
    expect(await Promise.all(["reads", "adds", "cleans_up"].map(run.result))).toEqual([6, 14, "clean"]);
  });

  test("that waits outside of a worker goes on after a stop", async () => {
    const run = await triggerRun(await callServices(project), "waits_long");
    await expect.poll(run.tasks, soon).toEqual({ work: "deferred, tries: 1" });
    expect((await project.stack("down")).status).toBe(0);
    await up();
    await expect.poll(run.tasks, soon).toEqual({ work: "success, tries: 1" });
  });
});
