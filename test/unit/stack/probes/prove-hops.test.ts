import { describe, expect, test } from "vitest";
import { StackError } from "../../../../src/lib/errors.ts";
import { probeError } from "../../../../src/stack/probes/matrix.ts";
import type { ProbeResult } from "../../../../src/stack/probes/probe-types.ts";
import { proveHops } from "../../../../src/stack/probes/prove-hops.ts";
import type { ExecResult } from "../../../../src/stack/ports.ts";
import { createStackWorld, upOf, type StackWorld } from "../../../support/stack-world.ts";

const well: ExecResult = { exitCode: 0, stdout: "{}\n200", stderr: "" };

async function runningWorld(): Promise<StackWorld> {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  await upOf(world);
  return world;
}

async function prove(world: StackWorld, clients = world.clients) {
  const { spec } = await world.project();
  return await proveHops(spec, { ...world, clients });
}

describe("the matrix", () => {
  test("has every call of a pipeline, from where it makes it", async () => {
    const results = await prove(await runningWorld());
    expect(results.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      "airflow -> mlflow",
      "airflow -> s3",
      "airflow -> execution API",
      "mlflow -> database",
      "mlflow -> s3",
      "host -> airflow",
      "host -> mlflow",
      "host -> s3",
      "host -> console",
    ]);
  });

  test("has none of an MLflow container when MLflow runs elsewhere", async () => {
    const text = "project: housing\nmlflow: { mode: remote, url: 'https://mlflow.example:8443' }\n";
    const world = createStackWorld({ texts: { "stack.yaml": text } });
    await upOf(world);
    const results = await prove(world);
    expect(results.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      "airflow -> mlflow at mlflow.example:8443",
      "airflow -> s3",
      "airflow -> execution API",
      "host -> airflow",
      "host -> mlflow at mlflow.example:8443",
      "host -> s3",
      "host -> console",
    ]);
  });

  test("tells how many hops work", async () => {
    const world = await runningWorld();
    await prove(world);
    expect(world.events.at(-1)).toMatchObject({ id: "probes", status: "done", detail: "9 of 9 work" });
  });

  test("takes a container without curl for unknown, not for failed, and says what is not proven", async () => {
    const world = await runningWorld();
    world.engine.world.answerExec = () => ({ exitCode: 127, stdout: "", stderr: "bash: not found" });
    const results = await prove(world);
    expect(results.filter(({ outcome }) => outcome === "unknown")).toHaveLength(5);
    const text = expect.stringMatching(/^not proven, .*: airflow -> mlflow, /u) as string;
    expect(world.events).toContainEqual({ kind: "note", level: "warning", text });
  });
});

describe("a hop that fails", () => {
  test("by a fault that heals is tried again for a while", async () => {
    const world = await runningWorld();
    const readyMs = world.clock.nowMs() + 2000;
    world.engine.world.answerExec = () =>
      world.clock.nowMs() < readyMs ? { exitCode: 7, stdout: "\n000", stderr: "refused" } : well;
    await expect(prove(world)).resolves.toHaveLength(9);
  });

  test("because its first call got no answer in the five seconds that it may take is tried again", async () => {
    const world = await runningWorld();
    const { exec } = world.engine;
    let isFirst = true;
    const engine = {
      ...world.engine,
      exec: async (...args: Parameters<typeof exec>) => {
        if (!isFirst) return await exec(...args);
        isFirst = false;
        await world.clock.sleep(5001);
        return { exitCode: 28, stdout: "", stderr: "timed out" };
      },
    };
    const { spec } = await world.project();
    await expect(proveHops(spec, { ...world, engine })).resolves.toHaveLength(9);
  });

  test("by a fault that stays ends it at once", async () => {
    const world = await runningWorld();
    world.engine.world.answerExec = (service) =>
      service === "mlflow" ? well : { exitCode: 0, stdout: "Invalid Host header\n403", stderr: "" };
    const startedMs = world.clock.nowMs();
    await expect(prove(world)).rejects.toMatchObject({
      code: "PROBE_FAILED",
      facts: { causes: expect.arrayContaining(["host-not-allowed"]) },
    });
    expect(world.clock.nowMs()).toBe(startedMs);
  });

  test("for too long gives up", async () => {
    const world = await runningWorld();
    world.engine.world.answerExec = () => ({ exitCode: 28, stdout: "\n000", stderr: "timed out" });
    await expect(prove(world)).rejects.toMatchObject({ code: "PROBE_FAILED" });
    expect(world.events.at(-1)).toMatchObject({ id: "probes", status: "failed" });
  });

  test("from this machine is told with the service's own words", async () => {
    const world = await runningWorld();
    const refused = new StackError("MLFLOW_REFUSED", "MLflow answered 500.", { hint: "See its log." });
    const mlflow = { ...world.clients.mlflow, ping: () => Promise.reject(refused) };
    await expect(prove(world, { ...world.clients, mlflow })).rejects.toMatchObject({
      message: expect.stringContaining("host -> mlflow: unexpected-answer (MLflow answered 500.)"),
      hint: "See its log.",
    });
  });

  test("because the console doesn't answer is told", async () => {
    const world = await runningWorld();
    const system = { ...world.system, httpStatus: async () => undefined };
    const { spec } = await world.project();
    await expect(proveHops(spec, { ...world, system })).rejects.toMatchObject({
      facts: { hops: ["host -> console"], causes: ["connection-refused"] },
    });
  });
});

test("Ctrl-C while hops are tried again ends it", async () => {
  const world = await runningWorld();
  world.engine.world.answerExec = () => ({ exitCode: 7, stdout: "\n000", stderr: "" });
  const proving = prove(world);
  world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
  await expect(proving).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("failed hops are one error, with the fix of the first", () => {
  const hop = { from: "airflow", to: "s3", detail: "S3 answers 403", durationMs: 1 } as const;
  const results: ProbeResult[] = [
    { ...hop, to: "mlflow", outcome: "ok", cause: undefined, fix: "" },
    { ...hop, outcome: "failed", cause: "bad-credentials", fix: "Run `stack up`." },
    { ...hop, to: "database", outcome: "failed", cause: "login-locked", fix: "Unlock it." },
  ];
  expect(probeError(results)).toMatchObject({
    code: "PROBE_FAILED",
    message:
      "Every service is healthy, but not every hop works: airflow -> s3: bad-credentials (S3 answers 403); airflow -> database: login-locked (S3 answers 403).",
    hint: "Run `stack up`.",
    facts: { fixes: ["Run `stack up`.", "Unlock it."] },
  });
  expect(probeError(results.slice(0, 1))).toBeUndefined();
});
