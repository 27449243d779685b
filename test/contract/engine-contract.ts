import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Clock } from "../../src/lib/clock.ts";
import { pollUntil } from "../../src/lib/poll.ts";
import type { ContainerObservation, Engine } from "../../src/stack/ports.ts";

/** A container to have; it runs on unless told otherwise. */
export interface WantedContainer {
  readonly service: string;
  readonly log?: readonly string[];
  readonly exitCode?: number;
  readonly health?: "healthy" | "unhealthy";
  /** What its healthcheck prints. */
  readonly healthOutput?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: { readonly path: string; readonly text: string };
  readonly isStarted?: boolean;
}

export interface EngineContractWorld {
  readonly engine: Engine;
  /** An engine that isn't there. */
  readonly off: Engine;
  readonly clock: Clock;
  /** A project that nothing belongs to yet, and one that is somebody else's. */
  readonly project: string;
  readonly otherProject: string;
  /** An image with the label `stack.test=tiny`. */
  readonly image: string;
  readonly freePort: () => Promise<number>;
  /** Returns the container's id. */
  add(container: WantedContainer, project?: string): Promise<string>;
  addNetwork(): Promise<void>;
  addVolume(): Promise<string>;
  /** Removes what was added. */
  clean(): Promise<void>;
  dispose(): Promise<void>;
}

/** What every Engine port keeps to. */
export function describeEngineContract(name: string, makeWorld: () => Promise<EngineContractWorld>): void {
  describe(`${name} keeps the Engine contract`, () => {
    let world: EngineContractWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterEach(async () => {
      await world.clean();
    });
    afterAll(async () => {
      await world.dispose();
    });

    /** The container when it has come to this. */
    const within = async (id: string, isThere: (one: ContainerObservation) => boolean) =>
      await pollUntil(
        async () =>
          (await world.engine.containers(world.project)).find((one) => one.id === id && isThere(one)),
        { clock: world.clock, intervalMs: 100, timeoutMs: 20_000, describe: () => "the container's state" },
      );

    test("describes itself", async () => {
      const info = await world.engine.info();
      expect(info.version).toMatch(/^\d+\.\d+/u);
      expect(info.memoryBytes).toBeGreaterThan(1024 ** 2);
      expect(info.cpus).toBeGreaterThan(0);
      expect(info.rootDir).toMatch(/^\//u);
      expect(info.hostName).not.toBe("");
    });

    test("has nothing of a project that isn't there", async () => {
      await expect(world.engine.containers(world.project)).resolves.toEqual([]);
      await expect(world.engine.resources(world.project)).resolves.toEqual({
        containers: [],
        networks: [],
        volumes: [],
      });
    });

    test("tells of a running container", async () => {
      const beforeMs = world.clock.nowMs();
      const id = await world.add({ service: "mlflow" });
      const [container, ...others] = await world.engine.containers(world.project);
      expect(others).toEqual([]);
      expect(container).toMatchObject({
        id,
        name: expect.stringMatching(/^[\w-]+$/u),
        service: "mlflow",
        state: "running",
        health: "none",
        oomKilled: false,
        restartCount: 0,
        image: world.image,
        healthOutput: "",
      });
      expect(container?.startedAtMs).toBeGreaterThan(beforeMs - 5000);
      expect(Date.parse(container?.startedAt ?? "")).toBe(container?.startedAtMs);
    });

    test("tells of a container that has never started", async () => {
      await world.add({ service: "mlflow", isStarted: false });
      await expect(world.engine.containers(world.project)).resolves.toMatchObject([
        { state: "created", startedAt: undefined, startedAtMs: undefined },
      ]);
    });

    test.each([0, 3])("tells of a container that ended with %i", async (exitCode) => {
      const id = await world.add({ service: "migrate", exitCode });
      await expect(within(id, ({ state }) => state === "exited")).resolves.toMatchObject({ exitCode });
    });

    test("tells of health, with what the check printed", async () => {
      const well = await world.add({ service: "well", health: "healthy" });
      const ill = await world.add({ service: "ill", health: "unhealthy", healthOutput: "no database" });
      await expect(within(well, ({ health }) => health === "healthy")).resolves.toMatchObject({
        state: "running",
      });
      await expect(within(ill, ({ health }) => health === "unhealthy")).resolves.toMatchObject({
        healthOutput: "no database",
      });
    });

    test("tells of the memory of running containers, and nothing of others", async () => {
      const id = await world.add({ service: "mlflow" });
      const memory = await world.engine.memory([id, "f".repeat(64)]);
      expect([...memory.keys()]).toEqual([id]);
      expect(memory.get(id)).toBeGreaterThan(0);
    });

    test("gives the last lines that a container wrote", async () => {
      const log = Array.from({ length: 30 }, (_, index) => `line ${index}, größer`);
      const id = await world.add({ service: "mlflow", log, exitCode: 1 });
      await within(id, ({ state }) => state === "exited");
      await expect(world.engine.logTail(id, 20)).resolves.toEqual(log.slice(10));
      await expect(world.engine.logTail("f".repeat(64), 20)).resolves.toEqual([]);
    });

    test("gives the environment that a container was given", async () => {
      const id = await world.add({ service: "mlflow", env: { URI: "postgresql://a:b@c/d?x=y", EMPTY: "" } });
      await expect(world.engine.environment(id)).resolves.toMatchObject({
        URI: "postgresql://a:b@c/d?x=y",
        EMPTY: "",
      });
      await expect(world.engine.environment("f".repeat(64))).resolves.toEqual({});
    });

    test("reads a file of a container, and none that isn't there", async () => {
      const file = { path: "/status.json", text: '{"state": "größer"}' };
      const id = await world.add({ service: "airflow", file, health: "healthy" });
      await within(id, ({ health }) => health === "healthy");
      await expect(world.engine.readFile(id, file.path)).resolves.toBe(file.text);
      await expect(world.engine.readFile(id, "/no/such/file")).resolves.toBeUndefined();
      await expect(world.engine.readFile("f".repeat(64), file.path)).resolves.toBeUndefined();
    });

    test("gives the labels of an image, and none of one that isn't there", async () => {
      await expect(world.engine.imageLabels(world.image)).resolves.toMatchObject({ "stack.test": "tiny" });
      await expect(world.engine.imageLabels("stack-test-no-such-image:1")).resolves.toBeUndefined();
    });

    test("tells by which address containers reach the machine", async () => {
      await expect(world.engine.hostGateway()).resolves.toMatch(/^\d+\.\d+\.\d+\.\d+$/u);
    });

    test("tells who publishes a port, while it runs", async () => {
      const port = await world.freePort();
      const id = await world.add({ service: "s3", port });
      const { name: container } = await within(id, ({ state }) => state === "running");
      const held = (await world.engine.publishedPorts()).filter((one) => one.port === port);
      expect(held.length).toBeGreaterThan(0);
      expect(new Set(held.map((one) => `${one.container} ${one.project}`))).toEqual(
        new Set([`${container} ${world.project}`]),
      );
      await world.clean();
      const after = (await world.engine.publishedPorts()).filter((one) => one.port === port);
      expect(after).toEqual([]);
    });

    test("freezes containers and has them back, as they were", async () => {
      const id = await world.add({ service: "mlflow", health: "healthy" });
      const before = await within(id, ({ health }) => health === "healthy");
      await world.engine.pause([id]);
      await expect(world.engine.containers(world.project)).resolves.toMatchObject([{ id, state: "paused" }]);
      await world.engine.unpause([id]);
      await expect(world.engine.containers(world.project)).resolves.toMatchObject([
        { id, state: "running", health: "healthy", startedAt: before.startedAt },
      ]);
      await expect(world.engine.pause([])).resolves.toBeUndefined();
    });

    test("finds and removes all of a project, and nothing of another", async () => {
      const mine = await world.add({ service: "mlflow" });
      const ended = await world.add({ service: "migrate", exitCode: 0 });
      const other = await world.add({ service: "mlflow" }, world.otherProject);
      await world.addNetwork();
      const volume = await world.addVolume();
      const all = await world.engine.resources(world.project);
      expect({ ...all, containers: all.containers.toSorted() }).toEqual({
        containers: [mine, ended].toSorted(),
        networks: [expect.any(String)],
        volumes: [volume],
      });

      await world.engine.remove({ ...all, volumes: [] });
      await expect(world.engine.resources(world.project)).resolves.toEqual({
        containers: [],
        networks: [],
        volumes: [volume],
      });
      await world.engine.remove(all);
      await expect(world.engine.resources(world.project)).resolves.toMatchObject({ volumes: [] });
      await expect(world.engine.resources(world.otherProject)).resolves.toMatchObject({
        containers: [other],
      });
    });

    test("says so when it isn't there, whatever is asked", async () => {
      const { off } = world;
      const questions = [
        off.info(),
        off.containers("x"),
        off.memory(["x"]),
        off.logTail("x", 1),
        off.environment("x"),
        off.readFile("x", "/x"),
        off.imageLabels("x"),
        off.publishedPorts(),
        off.pause(["x"]),
        off.unpause(["x"]),
        off.resources("x"),
        off.remove({ containers: ["x"], networks: [], volumes: [] }),
      ];
      const answers = await Promise.allSettled(questions);
      expect(answers).toEqual(
        questions.map((): unknown => ({
          status: "rejected",
          reason: expect.objectContaining({ code: "ENGINE_UNREACHABLE" }),
        })),
      );
    });
  });
}
