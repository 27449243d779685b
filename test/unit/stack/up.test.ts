import { describe, expect, test } from "vitest";
import { down } from "../../../src/commands/down.ts";
import { dryRunUp, up } from "../../../src/commands/up.ts";
import { StackError } from "../../../src/lib/errors.ts";
import type { Emit } from "../../../src/stack/events.ts";
import { pauseStack } from "../../../src/stack/pause.ts";
import { composePath } from "../../../src/stack/stack-folder.ts";
import type { StartRecord } from "../../../src/stack/timeline.ts";
import { createStackWorld, upOf, withoutLimits, type StackWorld } from "../../support/stack-world.ts";

/** Everything that a start changes: containers, files, images. */
function stateOf({ engine, files }: StackWorld): unknown {
  const { containers, networks, volumes, images } = engine.world;
  return structuredClone({
    containers: [...containers.values()].map(({ id, startedMs }) => [id, startedMs]),
    things: [networks, volumes, images],
    files: files.snapshot(),
  });
}

function services(world: StackWorld, project: string): readonly string[] {
  return [...world.engine.world.containers.values()]
    .filter((one) => one.project === project)
    .map(({ service }) => service);
}

function idsByService({ engine }: StackWorld): Readonly<Record<string, string>> {
  return Object.fromEntries([...engine.world.containers.values()].map(({ service, id }) => [service, id]));
}

describe("the first up", () => {
  test("builds, writes, starts and tells what is there", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    const result = await upOf(world);
    expect(result).toMatchObject({
      project: "housing",
      changed: true,
      composeFile: ".stack/compose.yaml",
      builtImages: ["minio", "airflow", "mlflow", "postgres"],
      endpoints: { airflow: "http://localhost:8080", mlflow: "http://localhost:5000" },
    });
    expect(result.services.map(({ service }) => service).toSorted()).toEqual(
      services(world, "housing").toSorted(),
    );
    expect(result.services.filter(({ state }) => state !== "healthy" && state !== "completed")).toEqual([]);
    expect(result.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  });

  test("leaves a closed folder, and the folders that Airflow sees", async () => {
    const world = createStackWorld();
    await upOf(world);
    expect(Object.fromEntries(world.files.dirs)).toMatchObject({
      ".stack": 0o700,
      dags: 0o755,
      include: 0o755,
      plugins: 0o755,
    });
    const modes = [...world.files.files].map(([path, { mode }]) => `${path} ${mode.toString(8)}`);
    expect(modes).toEqual(
      expect.arrayContaining([
        ".stack/.gitignore 644",
        ".stack/.env 600",
        ".stack/compose.yaml 644",
        ".stack/state.json 600",
      ]),
    );
  });

  test("leaves what lies in the user's folders", async () => {
    const world = createStackWorld({ texts: { "dags/mine.py": "mine", "stack.yaml": "bucket: mine\n" } });
    await upOf(world);
    expect(world.files.snapshot()).toMatchObject({
      "dags/mine.py 644": "mine",
      "stack.yaml 644": "bucket: mine\n",
    });
  });
});

test("an engine whose clock is another is warned of", async () => {
  const world = createStackWorld();
  world.engine.world.skewMs = -90_000;
  await upOf(world);
  const text = "the engine's clock is 90 s behind this machine's; see `stack doctor`";
  expect(world.events).toContainEqual({ kind: "note", level: "warning", text });
});

test("a limit that is more than the engine's memory is warned of, and one that it has is not", async () => {
  const world = createStackWorld({ texts: { "stack.yaml": "memory: { airflow: 64g, minio: 16g }\n" } });
  await upOf(world);
  const notes = world.events.filter(({ text }) => text.startsWith("memory."));
  const text = "memory.airflow: 64g is more than the 16.0 GiB of the engine, and so no limit";
  expect(notes).toEqual([{ kind: "note", level: "warning", text }]);
});

describe("a second up", () => {
  test("changes nothing, and says so", async () => {
    const world = createStackWorld();
    await upOf(world);
    const before = stateOf(world);
    await expect(upOf(world)).resolves.toMatchObject({ changed: false, builtImages: [] });
    expect(stateOf(world)).toEqual(before);
  });

  test("writes nothing: a full disk doesn't stop it", async () => {
    const world = createStackWorld();
    await upOf(world);
    world.files.isFull = true;
    await expect(upOf(world)).resolves.toMatchObject({ changed: false });
  });

  test("needs no build", async () => {
    const world = createStackWorld();
    await upOf(world);
    await expect(upOf(world, { build: false })).resolves.toMatchObject({ changed: false });
  });

  test("starts again what has stopped, and nothing else", async () => {
    const world = createStackWorld();
    await upOf(world);
    const before = idsByService(world);
    const mlflow = [...world.engine.world.containers.values()].find(({ service }) => service === "mlflow");
    world.engine.world.containers.delete(mlflow?.id ?? "");
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    const { mlflow: again, ...others } = idsByService(world);
    const { mlflow: first, ...othersBefore } = before;
    expect(again).not.toBe(first);
    expect(others).toEqual(othersBefore);
  });

  test("has a paused stack back of which a container is gone, once the engine has checked the others", async () => {
    const settings = "airflow: { layout: separate }\n";
    const world = createStackWorld({ texts: { "stack.yaml": settings } });
    const { project } = await upOf(world);
    await pauseStack(project, world.engine);
    const mlflow = idsByService(world)["mlflow"] ?? "";
    await world.engine.remove({ containers: [mlflow], networks: [], volumes: [] });
    const startedMs = world.clock.nowMs();
    const { services: back } = await upOf(world);
    expect(back.map(({ state }) => state)).not.toContain("unhealthy");
    expect(services(world, project)).toContain("mlflow");
    // One interval of the healthcheck, until which the engine calls PostgreSQL unhealthy.
    expect(world.clock.nowMs() - startedMs).toBeGreaterThan(29_000);
    expect(world.events).toContainEqual(
      expect.objectContaining({ id: "checks", status: "started", text: expect.stringContaining("postgres") }),
    );
  });

  test("has a paused stack back", async () => {
    const world = createStackWorld();
    const { project } = await upOf(world);
    await pauseStack(project, world.engine);
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    expect((await world.engine.containers(project)).filter(({ state }) => state === "paused")).toEqual([]);
  });

  test("puts back a compose file that was edited", async () => {
    const world = createStackWorld();
    await upOf(world);
    const before = stateOf(world);
    await world.files.write(composePath, "# edited");
    await upOf(world);
    expect(stateOf(world)).toEqual(before);
  });
});

describe("an up after a change", () => {
  test("of one service's settings replaces that service's containers alone", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    await upOf(world);
    const before = idsByService(world);
    await world.files.write("stack.yaml", "project: housing\nenv: { postgres: { TZ: UTC } }\n");
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    const after = idsByService(world);
    expect(Object.keys(after).filter((service) => after[service] !== before[service])).toEqual(["postgres"]);
  });

  test("of a recipe builds that image alone and runs it", async () => {
    const world = createStackWorld();
    await upOf(world);
    world.bundled.recipes.set("mlflow", "a newer recipe");
    await expect(upOf(world)).resolves.toMatchObject({ changed: true, builtImages: ["mlflow"] });
  });

  test("keeps secrets and the project's name", async () => {
    const world = createStackWorld();
    const { project } = await upOf(world);
    const secrets = world.files.files.get(".stack/.env");
    await world.files.write("stack.yaml", "bucket: other-bucket\n");
    await expect(upOf(world)).resolves.toMatchObject({ project, changed: true });
    expect(world.files.files.get(".stack/.env")).toEqual(secrets);
  });

  test("that was cut short is not forgotten when the change is taken back", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    await upOf(world);
    await world.files.write("stack.yaml", "project: housing\nenv: { mlflow: { A: 1 } }\n");
    world.compose.behaviours.set("mlflow", { hasHealthcheck: true, healthyAfterMs: 20_000 });
    await expect(upOf(world, { timeoutMs: 2000 })).rejects.toMatchObject({ code: "WAIT_TIMEOUT" });
    for (let at = 0; at < 30; at++) await world.clock.sleep(1000);
    // By now every container is healthy, though one runs with the change.
    const changed = idsByService(world)["mlflow"];
    await world.files.write("stack.yaml", "project: housing\n");
    world.compose.behaviours.clear();
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    expect(idsByService(world)["mlflow"]).not.toBe(changed);
  });

  test("removes containers of services that are no longer there", async () => {
    const world = createStackWorld({
      texts: { "stack.yaml": "project: housing\nairflow: { layout: separate }\n" },
    });
    await upOf(world);
    await world.files.write("stack.yaml", "project: housing\nairflow: { layout: together }\n");
    await upOf(world);
    expect(services(world, "housing").toSorted()).toEqual(["airflow", "minio", "mlflow", "postgres"]);
  });
});

test("an Airflow image of the user's own gets a container for each component, and that is said", async () => {
  const world = createStackWorld({ texts: { "stack.yaml": "images: { airflow: apache/airflow:3.3.2 }\n" } });
  world.builder.registry.add("apache/airflow:3.3.2");
  await upOf(world);
  expect(Object.keys(idsByService(world))).toContain("airflow-scheduler");
  const text = expect.stringContaining("airflow.layout: separate") as string;
  expect(world.events).toContainEqual({ kind: "note", level: "info", text });
});

describe("an up that is refused", () => {
  test.each<[string, (world: StackWorld) => void]>([
    ["ENGINE_UNREACHABLE", (world) => (world.engine.world.isOff = true)],
    ["COMPOSE_MISSING", (world) => (world.compose.installed = { compose: undefined, buildx: undefined })],
    [
      "PORT_TAKEN",
      (world) => {
        world.env["STACK_PORT_AIRFLOW"] = "8080";
        world.system.heldPorts.set(8080, undefined);
      },
    ],
    ["MEMORY_LOW", (world) => (world.engine.world.info = { ...world.engine.world.info, memoryBytes: 1 })],
    ["DISK_LOW", (world) => (world.system.diskBytes = 1)],
  ])("with %s touches nothing", async (code, spoil) => {
    const world = createStackWorld();
    spoil(world);
    const before = stateOf(world);
    await expect(upOf(world)).rejects.toMatchObject({ code });
    expect(stateOf(world)).toEqual(before);
  });

  test("because nothing may be built writes nothing", async () => {
    const world = createStackWorld();
    await expect(upOf(world, { build: false })).rejects.toMatchObject({ code: "IMAGE_UNAVAILABLE" });
    expect(world.files.snapshot()).toEqual({});
  });

  test("by a failed build writes nothing", async () => {
    const world = createStackWorld();
    world.builder.failures.set("mlflow", { step: "3/9 RUN", log: [] });
    await expect(upOf(world)).rejects.toMatchObject({ code: "BUILD_FAILED", facts: { image: "mlflow" } });
    expect(world.files.snapshot()).toEqual({});
  });

  test("is none because its time can't be kept: that is said, and the stack runs", async () => {
    const world = createStackWorld();
    world.files.dirs.set(".stack/timings.json", 0o755);
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    const text = expect.stringMatching(/^the time that this start took is not kept: .*EISDIR/u) as string;
    expect(world.events).toContainEqual({ kind: "note", level: "warning", text });
  });

  test("because the folder can't be written starts nothing", async () => {
    const world = createStackWorld();
    world.files.isFull = true;
    await expect(upOf(world)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
    expect(world.engine.world.containers.size).toBe(0);
  });
});

test("an up that finds a service unhealthy restarts it, and says so", async () => {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  world.compose.behaviours.set("mlflow", { hasHealthcheck: true, unhealthyAfterMs: 600_000 });
  await upOf(world);
  const before = idsByService(world);
  await world.clock.sleep(600_000);
  await expect(upOf(world)).resolves.toMatchObject({ changed: true });
  expect(idsByService(world)).toEqual(before);
  expect(world.events).toContainEqual({
    kind: "note",
    level: "info",
    text: "mlflow is unhealthy and is restarted",
  });
});

test("an up makes anew what an aborted start made and never started", async () => {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  await upOf(world);
  const before = idsByService(world);
  for (const one of world.engine.world.containers.values())
    if (one.service === "postgres") one.startedMs = undefined;
  await upOf(world);
  const after = idsByService(world);
  expect(after["postgres"]).not.toBe(before["postgres"]);
  expect({ ...after, postgres: "" }).toEqual({ ...before, postgres: "" });
});

describe("an up that fails", () => {
  test("leaves the containers, which hold the evidence, and goes on at the next", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    world.compose.behaviours.set("mlflow", { exitsAfterMs: 200, exitCode: 1, log: ["no database"] });
    await expect(upOf(world)).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      facts: { log: ["no database"] },
    });
    expect(services(world, "housing")).toContain("mlflow");
    world.compose.behaviours.clear();
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
  });

  test("keeps the project's name from the first write on, since there may be data under it", async () => {
    const world = createStackWorld();
    world.compose.failure = new StackError("COMPOSE_FAILED", "no network");
    await expect(upOf(world)).rejects.toMatchObject({ code: "COMPOSE_FAILED" });
    const { state, spec } = await world.project();
    expect(state).toMatchObject({ project: spec.project, applied: "" });
  });

  test("because a hop doesn't work names it with its fix, and the stack stays for a look", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    const works = world.engine.world.answerExec;
    world.engine.world.answerExec = (service, command) =>
      service === "mlflow" && command.some((word) => word.includes("psql"))
        ? { exitCode: 2, stdout: "", stderr: 'psql: error: FATAL: role "mlflow" is not permitted to log in' }
        : works(service, command);
    await expect(upOf(world)).rejects.toMatchObject({
      code: "PROBE_FAILED",
      hint: "Unlock it: `ALTER ROLE mlflow LOGIN` as the user postgres.",
      facts: { hops: ["mlflow -> database"], causes: ["login-locked"] },
    });
    const before = idsByService(world);
    world.engine.world.answerExec = works;
    await expect(upOf(world)).resolves.toMatchObject({ changed: false });
    expect(idsByService(world)).toEqual(before);
  });

  test("because its bucket is gone has it made anew for the next", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    const works = world.engine.world.answerExec;
    world.engine.world.answerExec = (service, command) =>
      service === "mlflow" && command.some((word) => word.includes("list-type"))
        ? { exitCode: 0, stdout: "<Error><Code>NoSuchBucket</Code></Error>\n404", stderr: "" }
        : works(service, command);
    const startsOfMinio = () =>
      [...world.engine.world.containers.values()].find(({ service }) => service === "minio")?.startedMs;
    await expect(upOf(world)).rejects.toMatchObject({
      code: "PROBE_FAILED",
      hint: "Run `stack up` again: the bucket is made anew, and what was in it is gone.",
      facts: { hops: ["mlflow -> s3"], causes: ["bucket-missing"] },
    });
    const text = "minio is started again, which makes the bucket anew; what was in it is gone";
    expect(world.events).toContainEqual({ kind: "note", level: "warning", text });
    expect(startsOfMinio()).toBe(world.clock.nowMs());
    const before = idsByService(world);
    world.engine.world.answerExec = works;
    await upOf(world);
    expect(idsByService(world)).toEqual(before);
  });

  test("on Ctrl-C is interrupted", async () => {
    const world = createStackWorld();
    world.compose.behaviours.set("postgres", { hasHealthcheck: true, healthyAfterMs: 1e9 });
    const running = upOf(world, { timeoutMs: 1e9 });
    while (world.engine.world.containers.size === 0) await world.clock.sleep(100);
    world.interrupt(new StackError("INTERRUPTED", "Interrupted; what had been started stays as it is."));
    await expect(running).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("two projects on one machine", () => {
  test("differ in name and ports, and live side by side", async () => {
    const one = createStackWorld({ texts: { "stack.yaml": "project: one\n" } });
    const two = createStackWorld({
      texts: { "stack.yaml": "project: two\nports: { airflow: 1, mlflow: 2, s3: 3, console: 4 }\n" },
      dir: "/home/user/two",
      beside: one,
    });
    await upOf(one);
    await expect(upOf(two)).resolves.toMatchObject({ builtImages: [], changed: true });
    expect(services(one, "one").toSorted()).toEqual(services(two, "two").toSorted());
  });

  test("on the same ports: the second moves when they are defaults, and is refused when it chose them", async () => {
    const one = createStackWorld({ texts: { "stack.yaml": "project: one\n" } });
    const two = createStackWorld({
      texts: { "stack.yaml": "project: two\n" },
      dir: "/home/user/two",
      beside: one,
    });
    await upOf(one);
    await expect(upOf(two, {}, { port: ["s3=9000"] })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining("of the project one"),
    });
    const { movedPorts } = await upOf(two);
    expect(movedPorts.map(({ name, to }) => `${name} ${to}`)).toEqual([
      "airflow 8081",
      "mlflow 5001",
      "s3 9002",
      "console 9003",
    ]);
  });
});

describe("a dry run", () => {
  test("gives the text that up would write, and touches nothing", async () => {
    const world = createStackWorld();
    const before = stateOf(world);
    const text = await dryRunUp(world.context());
    expect(stateOf(world)).toEqual(before);
    await upOf(world);
    expect(withoutLimits(world.files.files.get(composePath)?.text ?? "")).toBe(text);
  });

  test("needs no engine", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    await expect(dryRunUp(world.context({ port: ["s3=19000"] }))).resolves.toContain("127.0.0.1:19000:9000");
  });
});

describe("the record of starts", () => {
  const records = ({ files }: StackWorld): StartRecord[] =>
    JSON.parse(files.files.get(".stack/timings.json")?.text ?? "[]");

  test("tells a start with builds, one on empty volumes and one on existing ones apart", async () => {
    const world = createStackWorld();
    await upOf(world);
    await upOf(world);
    await world.files.write("stack.yaml", "bucket: other-bucket\n");
    await upOf(world);
    await down(world.context(), { volumes: true, yes: true });
    await upOf(world);
    expect(records(world).map(({ kind }) => kind)).toEqual(["build", "restart", "first"]);
  });

  test("has a phase for preflight, images, each service and the probes", async () => {
    const world = createStackWorld();
    await upOf(world);
    const names = records(world)[0]?.phases.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["preflight", "images", "compose", "postgres", "minio", "mlflow", "probes"]),
    );
  });

  test("tells making the containers from starting them", async () => {
    const world = createStackWorld();
    await upOf(world);
    const names = records(world)[0]?.phases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["compose/create", "compose/start"]));
  });

  test("has the parts of its start that a launcher tells, by the time of the command", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "airflow: { layout: together }\n" } });
    const timeline = [{ name: "import", start_ms: 10, end_ms: 90 }];
    world.engine.world.files.set(
      "airflow:/tmp/stack/status.json",
      JSON.stringify({ started_at: "2026-01-02T00:01:00Z", timeline }),
    );
    await upOf(world);
    const phases = records(world)[0]?.phases ?? [];
    const startMs = phases.find(({ name }) => name === "airflow")?.startMs ?? Number.NaN;
    expect(phases.find(({ name }) => name === "airflow/import")).toEqual({
      name: "airflow/import",
      startMs: startMs + 10,
      endMs: startMs + 90,
    });
  });

  test("has a start that failed as well, as far as it came", async () => {
    const world = createStackWorld();
    const mlflow = { hasHealthcheck: true, healthyAfterMs: 60_000, exitsAfterMs: 3000, exitCode: 1 };
    world.compose.behaviours.set("mlflow", mlflow);
    await expect(upOf(world)).rejects.toMatchObject({ code: "SERVICE_UNHEALTHY" });
    expect(records(world)).toMatchObject([{ kind: "failed", code: "SERVICE_UNHEALTHY" }]);
    const phases = records(world)[0]?.phases ?? [];
    const lengthOf = (name: string): number => {
      const found = phases.find((phase) => phase.name === name);
      return found === undefined ? Number.NaN : found.endMs - found.startMs;
    };
    expect(phases.map(({ name }) => name)).toEqual(expect.arrayContaining(["images", "compose", "postgres"]));
    expect(lengthOf("mlflow")).toBeGreaterThanOrEqual(3000);
    expect(lengthOf("postgres")).toBeLessThan(lengthOf("mlflow"));
  });

  test("has nothing of one that was interrupted", async () => {
    const world = createStackWorld();
    const stop = new AbortController();
    const stopWhenItWaits: Emit = (event) => {
      if (event.kind === "step" && event.id === "wait") stop.abort();
    };
    const context = { ...world.context(), emit: stopWhenItWaits, signal: stop.signal };
    await expect(up(context, { build: true, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect(records(world)).toEqual([]);
  });

  test("begins anew when its file is damaged", async () => {
    const world = createStackWorld({ texts: { ".stack/timings.json": '[{"kind": "bui' } });
    await upOf(world);
    expect(records(world).map(({ kind }) => kind)).toEqual(["build"]);
  });
});
