import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Clock } from "../../src/lib/clock.ts";
import { pollUntil } from "../../src/lib/poll.ts";
import type { ContainerEvent, LogLine } from "../../src/stack/engine-streams.ts";
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
  /** It has little memory, and wants ever more. */
  readonly isGreedy?: boolean;
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
      expect(container?.createdAtMs).toBeGreaterThan(beforeMs - 5000);
      expect(container?.startedAtMs).toBeGreaterThanOrEqual(container?.createdAtMs ?? Infinity);
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

    test("reads a log line by line, cut as asked", async () => {
      const id = await world.add({ service: "mlflow", log: ["one", "größer", "three"], exitCode: 1 });
      await within(id, ({ state }) => state === "exited");
      const { signal } = new AbortController();
      const read = async (request: { tail?: number; sinceMs?: number; follow?: boolean }, one = id) => {
        const lines: LogLine[] = [];
        await world.engine.readLog(one, { follow: false, signal, ...request }, (line) => lines.push(line));
        return lines;
      };
      const all = await read({});
      expect(all.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
        "stdout one",
        "stdout größer",
        "stdout three",
      ]);
      for (const { at } of all) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/u);
      expect((await read({ tail: 2 })).map(({ text }) => text)).toEqual(["größer", "three"]);
      expect(await read({ tail: 0 })).toEqual([]);
      expect(await read({ sinceMs: world.clock.nowMs() + 60_000 })).toEqual([]);
      expect(await read({ follow: true })).toEqual(all);
      expect(await read({}, "f".repeat(64))).toEqual([]);
    });

    test("stops following a log when it is told to", async () => {
      const id = await world.add({ service: "mlflow", log: ["one"] });
      const stop = new AbortController();
      const read = world.engine.readLog(id, { follow: true, signal: stop.signal }, () => {
        stop.abort();
      });
      await expect(read).resolves.toBeUndefined();
    });

    test("tells what happens to the project's containers, and to no others, until it is told to stop", async () => {
      const stop = new AbortController();
      const events: ContainerEvent[] = [];
      const watching = world.engine.watch(world.project, (event) => events.push(event), stop.signal);
      // The stream has to be open before something happens that it should tell.
      await world.clock.sleep(1000);
      await world.add({ service: "other", exitCode: 1 }, world.otherProject);
      const dead = await world.add({ service: "mlflow", exitCode: 3 });
      const ill = await world.add({ service: "ill", health: "unhealthy" });
      await within(dead, ({ state }) => state === "exited");
      await within(ill, ({ health }) => health === "unhealthy");
      await world.clock.sleep(500);
      stop.abort();
      await expect(watching).resolves.toBeUndefined();
      const told = (id: string) => events.filter((one) => one.containerId === id);
      expect(told(dead)).toMatchObject([
        { kind: "started", service: "mlflow" },
        { kind: "died", exitCode: 3 },
      ]);
      expect(told(ill)).toMatchObject([{ kind: "started" }, { kind: "unhealthy", service: "ill" }]);
      expect(events).toHaveLength(4);
    });

    test("tells of a container that was killed for its memory", async () => {
      const stop = new AbortController();
      const events: ContainerEvent[] = [];
      const watching = world.engine.watch(world.project, (event) => events.push(event), stop.signal);
      await world.clock.sleep(1000);
      const id = await world.add({ service: "mlflow", isGreedy: true });
      await expect(within(id, ({ state }) => state === "exited")).resolves.toMatchObject({
        exitCode: 137,
        oomKilled: true,
      });
      await world.clock.sleep(500);
      stop.abort();
      await watching;
      expect(events.map(({ kind }) => kind).toSorted()).toEqual(["died", "out-of-memory", "started"]);
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
      expect(new Set(held.map((one) => `${one.container} ${one.project} ${one.service}`))).toEqual(
        new Set([`${container} ${world.project} s3`]),
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

    test("restarts containers, which are the same ones", async () => {
      const id = await world.add({ service: "mlflow", health: "healthy" });
      const before = await within(id, ({ health }) => health === "healthy");
      await world.engine.restart([id]);
      const after = await within(id, ({ health }) => health === "healthy");
      expect(after).toMatchObject({ id, state: "running" });
      expect(after.startedAtMs).toBeGreaterThan(before.startedAtMs ?? Infinity);
      await expect(world.engine.restart([])).resolves.toBeUndefined();
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
        off.environment("x"),
        off.readLog("x", { follow: false, signal: new AbortController().signal }, () => undefined),
        off.watch("x", () => undefined, new AbortController().signal),
        off.readFile("x", "/x"),
        off.imageLabels("x"),
        off.publishedPorts(),
        off.pause(["x"]),
        off.unpause(["x"]),
        off.restart(["x"]),
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
