import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { DoctorReport } from "../../src/stack/doctor/doctor.ts";
import { noteShown } from "../support/fault-log.ts";
import { atOnceMs, createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { provideLine } from "../support/line-images.ts";
import { docker } from "../support/run.ts";
import { startSecondEngine, type SecondEngine } from "../support/second-engine.ts";
import type { Failure } from "../support/test-project.ts";

const mib = 1024 ** 2;

/* An engine that is killed, and one whose disk is full: an engine of the test's own, on a disk of its own. */
describe("a stack on an engine of its own", () => {
  const started: { engine?: SecondEngine; stack?: FaultStack } = {};
  const its = (): Required<typeof started> => {
    const { engine, stack } = started;
    if (engine === undefined || stack === undefined) throw new Error("nothing was started");
    return { engine, stack };
  };

  beforeAll(async () => {
    const plan = await provideLine("current");
    const engine = await startSecondEngine();
    started.engine = engine;
    await engine.load(plan.own.map(({ tag }) => tag));
    vi.stubEnv("DOCKER_HOST", engine.host);
    started.stack = await createFaultStack("engine", { enter: engine.enter });
  });
  afterAll(async () => {
    try {
      await started.stack?.dispose();
    } finally {
      vi.unstubAllEnvs();
      await started.engine?.dispose();
    }
  });

  test("at rest tells that the engine was killed, and is had back once it runs again", async () => {
    const { engine, stack } = its();
    await engine.kill();
    for (const verb of ["status", "up", "seed", "down"]) {
      const error = await stack.expectFailure("ENGINE_UNREACHABLE", verb);
      expect(error.message).toContain(engine.host);
      expect(error.hint).toContain("Start it");
    }
    await engine.start();
    await stack.expectWhole();
  });

  test.each([
    ["up", /waiting for/u],
    ["up", /mlflow healthy/u],
    ["seed", /Running mlflow_tutorial_dag/u],
  ] as const)("ends `%s` at %s when the engine is killed, and is had back", async (verb, moment) => {
    const { engine, stack } = its();
    if (verb === "up") await stack.stack("down");
    const working = stack.spawn(verb, "--json");
    await working.seen("stderr", moment);
    const killedMs = await engine.kill();
    const { status, stdout } = await working.ended;
    const tookMs = Date.now() - killedMs;
    const { error } = JSON.parse(stdout) as Failure;
    noteShown(`${error.code}: ${error.message}`, tookMs);
    expect(tookMs).toBeLessThan(atOnceMs);
    expect(error.code, error.message).toBe("ENGINE_UNREACHABLE");
    expect(error.hint).toContain("Start it");
    expect(status).toBe(3);
    await engine.start();
    await stack.expectWhole();
  });

  test("tells that the disk ran full while an image was built, which is built once there is room", async () => {
    const { engine, stack } = its();
    // Enough for `up` to begin, too little for what the build makes in between.
    await engine.fill(1100 * mib);
    const recipe = "USER root\nRUN fallocate --length=1400M /tmp/much && rm /tmp/much\nUSER airflow\n";
    await writeFile(stack.path("Dockerfile"), `FROM apache/airflow:3.3.2\n${recipe}`);
    const error = await stack.expectFailure("DISK_FULL", "up");
    expect(error.message).toContain(engine.rootDir);
    expect(error.message).toContain("The image of project could not be built");
    expect(error.facts["log"]).toContainEqual(expect.stringContaining("No space left on device"));
    await engine.clear();
    await stack.expectWhole();
  });

  test("at rest tells that the disk is full, and is had back once there is room", async () => {
    const { engine, stack } = its();
    await engine.fill(0);
    const filledS = Date.now() / 1000;
    const error = await stack.expectFailure("DISK_LOW", "up");
    expect(error.message).toContain(engine.rootDir);
    const { checks } = (await stack.stackJson<DoctorReport>("doctor")).json;
    expect(checks).toContainEqual(expect.objectContaining({ name: "disk", outcome: "failure" }));
    // Airflow's launcher goes on, though it can't write down how it is.
    const airflow = await stack.containerOf("airflow");
    const latestBeatS = async (): Promise<number> =>
      Number(await docker("exec", airflow, "stat", "--format=%Y", "/tmp/stack/healthy"));
    await expect.poll(latestBeatS, { timeout: 30_000, interval: 500 }).toBeGreaterThan(filledS + 6);
    await engine.clear();
    await stack.expectWhole();
  });

  test("tells that the disk ran full during a run, and is had back once there is room", async () => {
    const { engine, stack } = its();
    const seeding = stack.spawn("seed", "--json");
    await seeding.seen("stderr", /Running mlflow_tutorial_dag/u);
    await engine.fill(0);
    const filledMs = Date.now();
    const { status, stdout } = await seeding.ended;
    const tookMs = Date.now() - filledMs;
    const { error } = JSON.parse(stdout) as Failure;
    noteShown(`${error.code}: ${error.message}`, tookMs);
    expect(tookMs).toBeLessThan(atOnceMs);
    expect(error.code, error.message).toBe("DISK_FULL");
    expect(error.message).toContain(engine.rootDir);
    expect(status).toBe(3);
    await engine.clear();
    await stack.expectWhole();
  });
});
