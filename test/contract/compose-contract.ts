import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Clock } from "../../src/lib/clock.ts";
import { pollUntil } from "../../src/lib/poll.ts";
import type { ComposeService } from "../../src/stack/compose-types.ts";
import type { Compose, ContainerObservation, Engine, ProjectResources } from "../../src/stack/ports.ts";

export interface ComposeContractWorld {
  readonly compose: Compose;
  /** The engine that it works on. */
  readonly engine: Engine;
  readonly clock: Clock;
  /** A project that nothing belongs to yet. */
  readonly project: string;
  /** An image with `sh`, `sleep`, `cat` and `false`. */
  readonly image: string;
  /** Writes a file of the project folder. */
  write(path: string, text: string): Promise<void>;
  /** Removes what was started. */
  clean(): Promise<void>;
  dispose(): Promise<void>;
}

const file = ".stack/compose.yaml";
const check = {
  test: ["CMD-SHELL", "exit 0"],
  interval: "10s",
  timeout: "5s",
  retries: 3,
  start_period: "60s",
  start_interval: "100ms",
};
// Ends at once when it is asked to, which a program without the trap doesn't as the first of a container.
const endless = ["sh", "-c", 'trap "exit 0" TERM; sleep 600 & wait'];

/** What every Compose port keeps to. */
export function describeComposeContract(name: string, makeWorld: () => Promise<ComposeContractWorld>): void {
  describe(`${name} keeps the Compose contract`, () => {
    let world: ComposeContractWorld;
    const { signal } = new AbortController();
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterEach(async () => {
      await world.clean();
    });
    afterAll(async () => {
      await world.dispose();
    });

    const own = (more: Partial<ComposeService> = {}): ComposeService => ({
      image: world.image,
      pull_policy: "never",
      command: endless,
      ...more,
    });
    const write = async (services: Readonly<Record<string, ComposeService>>): Promise<void> => {
      await world.write(file, stringify({ name: world.project, services, volumes: { data: null } }));
    };
    const up = async (services: Readonly<Record<string, ComposeService>>): Promise<void> => {
      await write(services);
      await world.compose.up(file, { signal });
    };
    const containers = async (): Promise<Readonly<Record<string, ContainerObservation>>> =>
      Object.fromEntries((await world.engine.containers(world.project)).map((one) => [one.service, one]));
    const resources = async (): Promise<Readonly<Record<keyof ProjectResources, number>>> => {
      const found = await world.engine.resources(world.project);
      return {
        containers: found.containers.length,
        networks: found.networks.length,
        volumes: found.volumes.length,
      };
    };

    test("tells the versions of its plugins", async () => {
      const { compose, buildx } = await world.compose.versions(signal);
      expect(compose).toMatch(/^v?\d+\.\d+/u);
      expect(buildx).toMatch(/^v?\d+\.\d+/u);
    });

    test("starts every service, each after what it waits for", async () => {
      await up({
        server: own({ depends_on: { migrate: { condition: "service_completed_successfully" } } }),
        migrate: own({
          command: ["sh", "-c", "exit 0"],
          restart: "no",
          depends_on: { database: { condition: "service_healthy" } },
        }),
        database: own({ healthcheck: check, volumes: ["data:/data"] }),
      });
      const { database, migrate, server } = await containers();
      expect(database).toMatchObject({ state: "running", health: "healthy" });
      expect(migrate).toMatchObject({ state: "exited", exitCode: 0 });
      expect(server).toMatchObject({ state: "running", health: "none" });
      expect(migrate?.startedAtMs).toBeGreaterThan(database?.startedAtMs ?? Infinity);
      expect(server?.startedAtMs).toBeGreaterThan(migrate?.startedAtMs ?? Infinity);
      await expect(resources()).resolves.toEqual({ containers: 3, networks: 1, volumes: 1 });
    });

    test("a second time leaves what runs as it is", async () => {
      const services = { one: own(), two: own() };
      await up(services);
      const before = await containers();
      await up(services);
      await expect(containers()).resolves.toEqual(before);
    });

    test("replaces the containers of a changed service alone", async () => {
      await up({ one: own(), two: own() });
      const before = await containers();
      await up({ one: own(), two: own({ environment: { COLOR: "red" } }) });
      const after = await containers();
      expect(after["one"]).toEqual(before["one"]);
      expect(after["two"]?.id).not.toBe(before["two"]?.id);
    });

    test("starts again what has ended", async () => {
      const services = { once: own({ command: ["sh", "-c", "exit 0"], restart: "no" }) };
      await up(services);
      const ended = async (): Promise<ContainerObservation | undefined> => {
        const { once } = await containers();
        return once?.state === "exited" ? once : undefined;
      };
      const waiting = { clock: world.clock, intervalMs: 100, timeoutMs: 10_000, describe: () => "its end" };
      const first = await pollUntil(ended, waiting);
      await up(services);
      const second = await pollUntil(ended, waiting);
      expect(second.startedAtMs).toBeGreaterThan(first.startedAtMs ?? Infinity);
    });

    test("removes containers of services that are no longer in the file", async () => {
      await up({ one: own(), two: own() });
      await up({ one: own() });
      expect(Object.keys(await containers())).toEqual(["one"]);
    });

    test.each<[string, Readonly<Record<string, Partial<ComposeService>>>]>([
      [
        "a service that others wait for ends badly",
        { migrate: { command: ["sh", "-c", "exit 3"], restart: "no" } },
      ],
      ["an image isn't there", { server: { image: "stack-test-no-such-image:1", depends_on: {} } }],
    ])("fails when %s", async (_, change) => {
      const services = {
        migrate: own({ command: ["sh", "-c", "exit 0"], restart: "no", ...change["migrate"] }),
        server: own({
          depends_on: { migrate: { condition: "service_completed_successfully" } },
          ...change["server"],
        }),
      };
      await expect(up(services)).rejects.toMatchObject({
        code: "COMPOSE_FAILED",
        facts: { exitCode: expect.any(Number), log: expect.arrayContaining([expect.any(String)]) },
      });
    });

    test("fails for a file that isn't there or that it can't read", async () => {
      await expect(world.compose.up("no/such/file.yaml", { signal })).rejects.toMatchObject({
        code: "COMPOSE_FAILED",
      });
      await world.write(file, "services: [\n");
      await expect(world.compose.up(file, { signal })).rejects.toMatchObject({ code: "COMPOSE_FAILED" });
    });

    test("stops waiting on Ctrl-C", async () => {
      const controller = new AbortController();
      await write({
        database: own({ healthcheck: { ...check, test: ["CMD-SHELL", "exit 1"] } }),
        server: own({ depends_on: { database: { condition: "service_healthy" } } }),
      });
      const starting = world.compose.up(file, { signal: controller.signal });
      controller.abort();
      await expect(starting).rejects.toMatchObject({ code: "INTERRUPTED" });
    });

    test("takes containers and network down, and keeps volumes", async () => {
      await up({ one: own({ volumes: ["data:/data"] }) });
      await world.compose.down(world.project, { volumes: false, signal });
      await expect(resources()).resolves.toEqual({ containers: 0, networks: 0, volumes: 1 });
    });

    test("takes down what depends on a service whose container is gone, without the file too", async () => {
      await up({ one: own(), two: own({ depends_on: { one: { condition: "service_started" } } }) });
      const { one } = await containers();
      await world.engine.remove({ containers: [one?.id ?? ""], networks: [], volumes: [] });
      await world.compose.down(world.project, { volumes: false, signal });
      await expect(resources()).resolves.toMatchObject({ containers: 0 });
    });

    test("takes volumes down too when asked", async () => {
      await up({ one: own({ volumes: ["data:/data"] }) });
      await world.compose.down(world.project, { volumes: true, signal });
      await expect(resources()).resolves.toEqual({ containers: 0, networks: 0, volumes: 0 });
    });

    test("runs a service's program once, gives what it said and how it ended, and leaves nothing", async () => {
      const alone = { image: world.image, pull_policy: "never", network_mode: "bridge" } as const;
      await world.write(
        file,
        stringify({
          name: world.project,
          services: { say: { ...alone, entrypoint: ["cat"] }, fail: { ...alone, entrypoint: ["false"] } },
        }),
      );
      const input = new TextEncoder().encode("größer\n");
      await expect(world.compose.run(file, "say", ["-"], { input, signal })).resolves.toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^größer\n?$/u),
      });
      await expect(world.compose.run(file, "fail", [], { signal })).resolves.toMatchObject({ exitCode: 1 });
      await expect(world.engine.resources(world.project)).resolves.toEqual({
        containers: [],
        networks: [],
        volumes: [],
      });
    });

    test("has nothing to take down of a project that isn't there", async () => {
      await expect(world.compose.down(world.project, { volumes: true, signal })).resolves.toBeUndefined();
    });

    test("runs a command in a running container, with what is piped into it", async () => {
      await up({ one: own() });
      const input = new TextEncoder().encode("größer\n");
      const { exitCode, stdout } = await world.compose.exec(world.project, "one", ["cat"], { input, signal });
      expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 0, stdout: "größer" });
      await expect(world.compose.exec(world.project, "one", ["false"], { signal })).resolves.toMatchObject({
        exitCode: 1,
      });
    });

    test("runs nothing in a service that doesn't run, or with a program that isn't there", async () => {
      await up({ one: own() });
      const there = await world.compose.exec(world.project, "one", ["no-such-program"], { signal });
      expect(there.exitCode).not.toBe(0);
      await world.compose.down(world.project, { volumes: false, signal });
      const gone = await world.compose.exec(world.project, "one", ["cat"], { signal });
      expect(gone.exitCode).not.toBe(0);
      expect(gone.stderr).toContain('"one" is not running');
    });
  });
}
