import { describe, expect, test } from "vitest";
import { settlePorts } from "../../../src/stack/settle-ports.ts";
import { defaultSpec, portNames, type StackSpec } from "../../../src/stack/spec.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

const spec = defaultSpec("housing");

async function checkPorts(world: StackWorld, wanted: StackSpec = spec) {
  return await settlePorts({ spec: wanted, chosenPorts: portNames, state: undefined }, world);
}

describe("chosen ports", () => {
  test("are fine when nobody holds them", async () => {
    await expect(checkPorts(createStackWorld())).resolves.toMatchObject({ moved: [] });
  });

  test("are fine when this very project's containers hold them", async () => {
    const world = createStackWorld();
    world.engine.world.add({ project: "housing", service: "mlflow", ports: [5000] });
    world.system.heldPorts.set(5000, { pid: 1, command: "docker-proxy" });
    await expect(checkPorts(world)).resolves.toMatchObject({ moved: [] });
  });

  test("held by another project's container name it, and how to go on", async () => {
    const world = createStackWorld();
    world.engine.world.add({ project: "other", service: "mlflow", ports: [5000] });
    await expect(checkPorts(world)).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message:
        "The stack could not start: port 5000 (mlflow) is held by the container other-mlflow-1 of the project other.",
      hint: "Stop it with `docker stop other-mlflow-1`, or choose another port: `stack up --port mlflow=15000` or `ports.mlflow` in stack.yaml.",
      facts: { port: 5000, name: "mlflow" },
    });
  });

  test("held by a container outside of any project name it", async () => {
    const world = createStackWorld();
    world.engine.world.add({ name: "my-minio", service: "", ports: [9000] });
    await expect(checkPorts(world)).rejects.toThrow(/port 9000 \(s3\) is held by the container my-minio\.$/u);
  });

  test("are free again when the container that held them has ended", async () => {
    const world = createStackWorld();
    world.engine.world.add({
      project: "other",
      service: "s3",
      ports: [9000],
      behaviour: { exitsAfterMs: 0 },
    });
    await expect(checkPorts(world)).resolves.toMatchObject({ moved: [] });
  });

  test("held by a process name it, and how to end it", async () => {
    const world = createStackWorld();
    world.system.heldPorts.set(8080, { pid: 4242, command: "python -m http.server 8080" });
    await expect(checkPorts(world)).rejects.toMatchObject({
      message:
        "The stack could not start: port 8080 (airflow) is held by process 4242 (python -m http.server 8080).",
      hint: expect.stringMatching(
        /^Stop it with `kill 4242`, or choose another port: `stack up --port airflow=18080`/u,
      ),
    });
  });

  test("held by a process that can't be seen say that", async () => {
    const world = createStackWorld();
    world.system.heldPorts.set(9001, undefined);
    await expect(checkPorts(world)).rejects.toMatchObject({
      message:
        "The stack could not start: port 9001 (console) is held by a process that this user may not see.",
      hint: expect.stringMatching(/^Stop it, or choose another port/u),
    });
  });

  test("near the end of the range are advised to go down, not past it", async () => {
    const world = createStackWorld();
    world.system.heldPorts.set(60_000, undefined);
    const high = { ...spec, ports: { ...spec.ports, s3: 60_000 } };
    await expect(checkPorts(world, high)).rejects.toMatchObject({
      hint: expect.stringContaining("--port s3=50000"),
    });
  });
});

describe("default ports", () => {
  test("that are taken move to the next free ones, each with a warning that names the holder", async () => {
    const world = createStackWorld();
    world.engine.world.add({ project: "other", service: "minio", ports: [9000, 9002] });
    world.system.heldPorts.set(8080, { pid: 42, command: "python" });
    world.system.heldPorts.set(8081, undefined);
    const { project, moved } = await settlePorts({ spec, chosenPorts: ["mlflow"], state: undefined }, world);
    expect(project.spec.ports).toEqual({ airflow: 8082, mlflow: 5000, s3: 9003, console: 9001 });
    expect(moved).toEqual([
      { name: "airflow", from: 8080, to: 8082, holder: "process 42 (python)" },
      { name: "s3", from: 9000, to: 9003, holder: "the container other-minio-1 of the project other" },
    ]);
    const text = expect.stringMatching(
      /port 8080 \(airflow\) is held by process 42.* 8082 instead.*`ports\.airflow`/u,
    );
    expect(world.events).toContainEqual({ kind: "note", level: "warning", text });
  });

  test("of MLflow are nobody's when one elsewhere takes its place", async () => {
    const world = createStackWorld({
      texts: { "stack.yaml": "mlflow: { mode: remote, url: 'https://m.example' }\n" },
    });
    world.system.heldPorts.set(5000, undefined);
    await expect(settlePorts(await world.project(), world)).resolves.toMatchObject({ moved: [] });
    await expect(settlePorts(await world.project({ port: ["mlflow=5000"] }), world)).resolves.toMatchObject({
      moved: [],
    });
  });

  test("move nowhere when a chosen one is taken", async () => {
    const world = createStackWorld();
    world.system.heldPorts.set(8080, undefined);
    world.system.heldPorts.set(5000, undefined);
    await expect(
      settlePorts({ spec, chosenPorts: ["mlflow"], state: undefined }, world),
    ).rejects.toMatchObject({ code: "PORT_TAKEN", facts: { name: "mlflow" } });
    expect(world.events).toEqual([]);
  });

  test("that moved stay where they are when the old ones are free again, until a setting names one", async () => {
    const world = createStackWorld();
    world.system.heldPorts.set(8080, undefined);
    const first = await upOf(world);
    expect(first).toMatchObject({
      endpoints: { airflow: "http://localhost:8081" },
      movedPorts: [{ to: 8081 }],
    });
    world.system.heldPorts.clear();
    const second = await upOf(world);
    expect(second).toMatchObject({
      changed: false,
      endpoints: { airflow: "http://localhost:8081" },
      movedPorts: [],
    });
    const chosen = await upOf(world, {}, { port: ["airflow=8080"] });
    expect(chosen).toMatchObject({ changed: true, endpoints: { airflow: "http://localhost:8080" } });
    await expect(upOf(world)).resolves.toMatchObject({ endpoints: { airflow: "http://localhost:8080" } });
  });

  test("that moved make way for one that a setting names", async () => {
    const world = createStackWorld();
    world.system.heldPorts.set(8080, undefined);
    await upOf(world);
    world.system.heldPorts.clear();
    const { spec: now } = await world.project({ port: ["mlflow=8081"] });
    expect(now.ports).toEqual({ airflow: 8080, mlflow: 8081, s3: 9000, console: 9001 });
  });
});
