import { describe, expect, test } from "vitest";
import { status } from "../../../src/commands/status.ts";
import { StackError } from "../../../src/lib/errors.ts";
import { pauseStack } from "../../../src/stack/pause.ts";
import { secretsPath } from "../../../src/stack/stack-folder.ts";
import { canaryDag } from "../../../src/stack/prove/canary.ts";
import { createFakeAirflow } from "../../support/fake-airflow.ts";
import { createFakeMlflow } from "../../support/fake-mlflow.ts";
import { createFakeObjectStore } from "../../support/fake-object-store.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

async function runningWorld(more = ""): Promise<StackWorld> {
  const world = createStackWorld({ texts: { "stack.yaml": `project: housing\n${more}` } });
  await upOf(world);
  return world;
}

async function statusOf(world: StackWorld, clients: Partial<StackWorld["clients"]> = {}) {
  return await status({ ...world.context(), clients: async () => ({ ...world.clients, ...clients }) });
}

function container({ engine }: StackWorld, service: string) {
  const found = [...engine.world.containers.values()].find((one) => one.service === service);
  if (found === undefined) throw new Error(`no container of ${service}`);
  return found;
}

/** The service's container behaves like this from its start on. */
function spoil(world: StackWorld, service: string, behaviour: object): void {
  const one = container(world, service);
  world.engine.world.containers.set(one.id, { ...one, behaviour });
}

describe("a stack that doesn't run", () => {
  test("is unknown when the engine is off, with the engine's status", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    const { report, failure } = await statusOf(world);
    expect(report).toMatchObject({
      state: "engine-off",
      airflow: undefined,
      mlflow: undefined,
      storage: undefined,
    });
    expect(failure).toMatchObject({ code: "ENGINE_UNREACHABLE", status: 3 });
  });

  test("is down before the first up, with every service absent", async () => {
    const { report, failure } = await statusOf(createStackWorld());
    expect(report.state).toBe("down");
    expect(report.services.length).toBeGreaterThan(3);
    expect(report.services.filter(({ state }) => state !== "absent")).toEqual([]);
    expect(failure).toMatchObject({ code: "STACK_NOT_RUNNING", hint: "Start it with `stack up`." });
  });

  test("is down after a down", async () => {
    const world = await runningWorld();
    world.engine.world.containers.clear();
    await expect(statusOf(world)).resolves.toMatchObject({ report: { state: "down" } });
  });

  test("has statuses that scripts can tell apart: engine off, down, ill", async () => {
    const off = createStackWorld();
    off.engine.world.isOff = true;
    const ill = await runningWorld();
    spoil(ill, "mlflow", { exitsAfterMs: 0, exitCode: 1 });
    const failures = await Promise.all(
      [off, createStackWorld(), ill].map(async (world) => await statusOf(world)),
    );
    expect(new Set(failures.map(({ failure }) => failure?.status)).size).toBe(3);
  });
});

describe("a stack that runs", () => {
  test.each([
    ["is gone", undefined],
    ["are missing", ""],
    ["cut off", "STACK_SECRET_JWT_SEC"],
  ])(
    "and whose secrets file %s shows its services, and what finds the secrets again",
    async (words, text) => {
      const world = await runningWorld();
      if (text === undefined) world.files.files.delete(secretsPath);
      else await world.files.write(secretsPath, text);
      const { report, failure } = await statusOf(world);
      expect(report).toMatchObject({ state: "up", airflow: undefined, probes: [] });
      expect(failure).toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(new RegExp(`^\\.stack/\\.env.*${words}`, "u")),
        hint: expect.stringContaining("stack up"),
      });
    },
  );

  test("is up, without a failure", async () => {
    const { report, failure } = await statusOf(await runningWorld());
    expect(failure).toBeUndefined();
    expect(report).toMatchObject({ project: "housing", state: "up", problems: [] });
    expect(report.probes.length).toBeGreaterThan(5);
    expect(report.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  });

  test("shows for each service since when, how much memory and where", async () => {
    const world = await runningWorld();
    spoil(world, "minio", { hasHealthcheck: true, memoryBytes: 7 * 1024 ** 2 });
    const { report } = await statusOf(world);
    expect(report.services.find(({ service }) => service === "minio")).toEqual({
      service: "minio",
      state: "healthy",
      detail: "",
      since: new Date(container(world, "minio").startedMs ?? 0).toISOString(),
      memoryBytes: 7 * 1024 ** 2,
      endpoints: ["http://localhost:9001", "http://localhost:9000"],
      components: [],
    });
  });

  test("shows DAGs with their last run, but not the one that proves the stack", async () => {
    const world = await runningWorld();
    const { clock } = world;
    const airflow = createFakeAirflow({
      clock,
      readFile: () => ({ one: { tasks: ["a"] }, two: { tasks: ["a"] }, [canaryDag]: { tasks: ["a"] } }),
    });
    airflow.putFile("dags.py", "");
    await clock.sleep(1000);
    await airflow.trigger("one");
    await clock.sleep(5000);
    const { report } = await statusOf(world, { airflow });
    expect(report.airflow?.dags).toEqual([
      {
        dagId: "one",
        isPaused: true,
        hasImportErrors: false,
        lastRun: expect.objectContaining({ state: "success" }),
      },
      { dagId: "two", isPaused: true, hasImportErrors: false, lastRun: undefined },
    ]);
    expect(report.airflow?.components).toHaveLength(4);
  });

  test("counts what MLflow holds", async () => {
    const mlflow = createFakeMlflow();
    mlflow.addExperiment({ experimentId: "7", name: "Housing", artifactLocation: "s3://mlflow/7" });
    mlflow.addRegisteredModel({ name: "scaler", tags: {}, aliases: {} });
    const { report } = await statusOf(await runningWorld(), { mlflow });
    expect(report.mlflow).toEqual({ experiments: 2, runs: 0, registeredModels: 1 });
  });

  test("reports the buckets", async () => {
    const store = createFakeObjectStore(["mlflow"]);
    store.put("mlflow", "1/model/a", "abc");
    const { report } = await statusOf(await runningWorld(), { store });
    expect(report.storage?.buckets).toMatchObject([{ bucket: "mlflow", objects: 1, bytes: 3 }]);
  });

  test("is looked at by what was applied, whatever stack.yaml says by now", async () => {
    const world = await runningWorld();
    await world.files.write("stack.yaml", "project: other\nports: { airflow: 1 }\n");
    const { report } = await statusOf(world);
    expect(report).toMatchObject({ project: "housing", state: "up" });
    expect(report.services.flatMap(({ endpoints }) => endpoints)).toContain("http://localhost:8080");
  });

  test("is not changed by being looked at", async () => {
    const world = await runningWorld();
    const before = world.files.snapshot();
    await statusOf(world);
    expect(world.files.snapshot()).toEqual(before);
  });
});

describe("a stack that is half up", () => {
  test("is partial, names what is ill and why, and asks the others all the same", async () => {
    const world = await runningWorld();
    spoil(world, "mlflow", { exitsAfterMs: 0, exitCode: 3 });
    const { report, failure } = await statusOf(world);
    expect(report).toMatchObject({ state: "partial", mlflow: undefined, probes: [] });
    expect(report.storage).toBeDefined();
    expect(report.services.find(({ service }) => service === "mlflow")).toMatchObject({
      state: "exited",
      detail: "exit code 3",
      memoryBytes: undefined,
    });
    expect(failure).toMatchObject({
      code: "SERVICE_UNHEALTHY",
      status: 4,
      message: "The stack housing is not healthy: mlflow exited (exit code 3).",
      hint: "See why with `stack logs mlflow`, then run `stack up`.",
      facts: { services: ["mlflow"] },
    });
  });

  test("hints at up when a container is missing", async () => {
    const world = await runningWorld();
    world.engine.world.containers.delete(container(world, "minio").id);
    await expect(statusOf(world)).resolves.toMatchObject({
      failure: {
        message: "The stack housing is not healthy: minio absent.",
        hint: "Bring it up with `stack up`.",
      },
    });
  });

  test("whose database is frozen is not waited for where it would be asked", async () => {
    const world = await runningWorld();
    container(world, "postgres").isPaused = true;
    const never = async () => await Promise.reject(new Error("it was asked"));
    const airflow = { ...world.clients.airflow, components: never };
    const mlflow = { ...world.clients.mlflow, experiments: never };
    const { report, failure } = await statusOf(world, { airflow, mlflow });
    expect(report).toMatchObject({ state: "partial", airflow: undefined, mlflow: undefined, problems: [] });
    expect(report.storage).toBeDefined();
    expect(failure?.message).toBe("The stack housing is not healthy: postgres paused.");
  });

  test("is asked nothing before there are secrets", async () => {
    const world = await runningWorld();
    world.files.files.delete(".stack/.env");
    const { report } = await statusOf(world);
    expect(report).toMatchObject({
      state: "up",
      airflow: undefined,
      mlflow: undefined,
      storage: undefined,
      probes: [],
    });
  });
});

describe("a service that is healthy and doesn't answer", () => {
  test("is a problem that is shown beside the rest, not a crash", async () => {
    const world = await runningWorld();
    const refused = new StackError("MLFLOW_REFUSED", "MLflow answered 500.");
    const mlflow = { ...world.clients.mlflow, experiments: () => Promise.reject(refused) };
    const { report, failure } = await statusOf(world, { mlflow });
    expect(report.mlflow).toBeUndefined();
    expect(report.airflow).toBeDefined();
    expect(report.problems).toEqual(["MLflow answered 500."]);
    expect(failure).toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: expect.stringContaining("MLflow answered 500."),
    });
  });

  test("for a bug of ours is not hidden as a problem", async () => {
    const world = await runningWorld();
    const mlflow = {
      ...world.clients.mlflow,
      registeredModels: () => Promise.reject(new TypeError("x is undefined")),
    };
    await expect(statusOf(world, { mlflow })).rejects.toThrow("x is undefined");
  });

  test("because of Ctrl-C is an interruption", async () => {
    const world = await runningWorld();
    world.interrupt();
    await expect(statusOf(world)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("Airflow's components in one container", () => {
  const launcher = (state: string) =>
    JSON.stringify({
      started_at: "2026-01-02T00:01:00Z",
      components: [
        {
          name: "scheduler",
          state,
          since: "2026-01-02T00:00:05Z",
          restarts: 1,
          last_exit: "exit code 1",
          memory_bytes: 9,
        },
      ],
    });

  test("are shown with their restarts", async () => {
    const world = await runningWorld("airflow: { layout: together }\n");
    world.engine.world.files.set("airflow:/tmp/stack/status.json", launcher("healthy"));
    const { report, failure } = await statusOf(world);
    expect(report.services.find(({ service }) => service === "airflow")?.components).toEqual([
      {
        name: "scheduler",
        state: "healthy",
        since: "2026-01-02T00:00:05Z",
        restarts: 1,
        lastExit: "exit code 1",
        memoryBytes: 9,
      },
    ]);
    expect(failure).toBeUndefined();
  });

  test("are a failure when one of them isn't healthy", async () => {
    const world = await runningWorld("airflow: { layout: together }\n");
    world.engine.world.files.set("airflow:/tmp/stack/status.json", launcher("restarting"));
    await expect(statusOf(world)).resolves.toMatchObject({
      failure: { message: "The stack housing is not healthy: Airflow's scheduler restarting (exit code 1)." },
    });
  });

  test.each(["", "{", "[]", '{"components": 1}'])(
    "are none when what the launcher wrote is %j",
    async (text) => {
      const world = await runningWorld("airflow: { layout: together }\n");
      world.engine.world.files.set("airflow:/tmp/stack/status.json", text);
      const { report } = await statusOf(world);
      expect(report.services.find(({ service }) => service === "airflow")?.components).toEqual([]);
    },
  );
});

test("a paused stack is paused, with the way back", async () => {
  const world = await runningWorld();
  await pauseStack("housing", world.engine);
  const { report, failure } = await statusOf(world);
  expect(report).toMatchObject({ state: "paused", probes: [] });
  expect(failure).toMatchObject({ code: "STACK_PAUSED", hint: "Have it back with `stack resume`." });
});

test("a hop that fails in a healthy stack is told with its fix", async () => {
  const world = await runningWorld();
  world.engine.world.answerExec = (service) =>
    service === "mlflow"
      ? { exitCode: 2, stdout: "", stderr: 'psql: error: role "mlflow" is not permitted to log in' }
      : { exitCode: 0, stdout: "{}\n200", stderr: "" };
  const { report, failure } = await statusOf(world);
  expect(report.state).toBe("up");
  expect(report.probes).toContainEqual(
    expect.objectContaining({ from: "mlflow", to: "database", outcome: "failed", cause: "login-locked" }),
  );
  expect(failure).toMatchObject({
    code: "PROBE_FAILED",
    status: 4,
    hint: expect.stringContaining("ALTER ROLE"),
  });
});

describe("with an MLflow elsewhere", () => {
  const settings = "mlflow: { mode: remote, url: 'https://mlflow.example' }\n";

  test("what it holds is counted, though the stack has no such service", async () => {
    const { report, failure } = await statusOf(await runningWorld(settings));
    expect(failure).toBeUndefined();
    expect(report.mlflow).toEqual({ experiments: 1, runs: 0, registeredModels: 0 });
    expect(report.services.map(({ service }) => service)).not.toContain("mlflow");
  });

  test("its silence is told, with the command that says why", async () => {
    const world = await runningWorld(settings);
    const silent = new StackError("MLFLOW_UNREACHABLE", "MLflow at https://mlflow.example does not answer.");
    const mlflow = { ...createFakeMlflow(), experiments: async () => await Promise.reject(silent) };
    const { report, failure } = await statusOf(world, { mlflow });
    expect(report).toMatchObject({ mlflow: undefined, problems: [silent.message] });
    expect(failure).toMatchObject({
      code: "SERVICE_UNHEALTHY",
      hint: "See why with `stack connection test`.",
    });
  });
});

test("what the report and the probes both want to know is asked once", async () => {
  const world = await runningWorld();
  const asked: string[] = [];
  const { airflow, store } = world.clients;
  const clients = {
    ...world.clients,
    airflow: {
      ...airflow,
      latestRuns: async (limit: number) => {
        asked.push(`runs ${limit}`);
        return await airflow.latestRuns(limit);
      },
    },
    store: {
      ...store,
      buckets: async () => {
        asked.push("buckets");
        return await store.buckets();
      },
    },
  };
  const { report } = await statusOf(world, clients);
  expect(report.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  expect(asked.toSorted()).toEqual(["buckets", "runs 100"]);
});
