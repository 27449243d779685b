import type { Clock } from "../../src/lib/clock.ts";
import { StackError } from "../../src/lib/errors.ts";
import type {
  ContainerObservation,
  ContainerState,
  Engine,
  EngineInfo,
  ExecResult,
} from "../../src/stack/ports.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeStreams } from "./fake-engine-streams.ts";

/** What a container does by itself; times count from its start. */
export interface Behaviour {
  readonly hasHealthcheck?: boolean;
  readonly healthyAfterMs?: number;
  readonly unhealthyAfterMs?: number;
  /** What its healthcheck prints while it isn't healthy. */
  readonly healthOutput?: string;
  readonly exitsAfterMs?: number;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  readonly log?: readonly string[];
  readonly memoryBytes?: number;
  /** How often the engine has started it again by itself. */
  readonly restartCount?: number;
}

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly project: string | undefined;
  readonly service: string;
  readonly image: string;
  /** Ports of this machine. */
  readonly ports: readonly number[];
  readonly behaviour: Behaviour;
  readonly createdMs: number;
  /** Undefined while it has never started. */
  startedMs: number | undefined;
  isPaused: boolean;
  /** Until then the engine calls it unhealthy, since it was frozen. */
  uncheckedUntilMs?: number;
}

/** All that a Docker engine holds; tests read it and write to it. */
export interface EngineWorld {
  info: EngineInfo;
  /** By how much its clock is ahead. */
  skewMs: number;
  isOff: boolean;
  readonly containers: Map<string, FakeContainer>;
  /** Networks and volumes, each with its project. */
  readonly networks: Map<string, string>;
  readonly volumes: Map<string, string>;
  /** Images, each with its labels. */
  readonly images: Map<string, Readonly<Record<string, string>>>;
  /** What containers were given, by service. */
  readonly environments: Map<string, Readonly<Record<string, string>>>;
  /** Files inside containers: "airflow:/tmp/stack/status.json". */
  readonly files: Map<string, string>;
  /** What a command in a service's container comes to; a call by curl that succeeds unless told otherwise. */
  answerExec: (service: string, command: readonly string[]) => ExecResult;
  /** Adds a container, started now unless told otherwise. */
  add(container: Partial<FakeContainer> & Pick<FakeContainer, "service">): FakeContainer;
  stateOf(container: FakeContainer): ContainerState;
  healthOf(container: FakeContainer): ContainerObservation["health"];
}

export interface FakeEngine extends Engine {
  readonly world: EngineWorld;
}

const gib = 1024 ** 3;
const checkEveryMs = 30_000;

/** A Docker engine in memory, on which containers live by the clock. */
export function createFakeEngine({ clock = createFakeClock() }: { readonly clock?: Clock } = {}): FakeEngine {
  const world = createWorld(clock);
  const { containers, networks, volumes, images } = world;
  const reach = (): void => {
    if (world.isOff) throw new StackError("ENGINE_UNREACHABLE", "The Docker engine doesn't answer.");
  };
  const ofProject = (project: string) => [...containers.values()].filter((one) => one.project === project);
  const namesOf = (things: ReadonlyMap<string, string>, project: string) =>
    [...things].flatMap(([name, owner]) => (owner === project ? [name] : []));

  const setPaused = (ids: readonly string[], isPaused: boolean): void => {
    for (const id of ids) {
      const container = containers.get(id);
      if (container === undefined) continue;
      container.isPaused = isPaused;
      if (!isPaused && container.behaviour.hasHealthcheck === true)
        container.uncheckedUntilMs = clock.nowMs() + checkEveryMs;
    }
  };

  return {
    world,
    ...createFakeStreams(world, clock),
    info: async () => {
      reach();
      return { ...world.info, nowMs: clock.nowMs() + world.skewMs };
    },
    containers: async (project) => {
      reach();
      return ofProject(project).map((one) => ({
        ...observe(one, world),
        ...(clock.nowMs() < (one.uncheckedUntilMs ?? 0) ? { isUnchecked: true } : {}),
      }));
    },
    memory: async (ids) => {
      reach();
      const found = ids.flatMap((id) => containers.get(id) ?? []);
      return new Map(found.map(({ id, behaviour }) => [id, behaviour.memoryBytes ?? 1024 ** 2]));
    },
    environment: async (id) => {
      reach();
      return world.environments.get(containers.get(id)?.service ?? "") ?? {};
    },
    exec: async (id, command) => {
      reach();
      const service = containers.get(id)?.service ?? "";
      const batched = command.at(-1)?.split("exec {reader").slice(1) ?? [];
      if (batched.length === 0) return world.answerExec(service, command);
      const boundary = /--[0-9a-f-]{36}/u.exec(command.at(-1) ?? "")?.[0] ?? "";
      const answers = batched.map((part) => world.answerExec(service, ["bash", "-c", part]));
      const text = answers.map(
        ({ exitCode, stdout, stderr }) => `${stderr}${stdout}\n${boundary} ${exitCode} 1000\n`,
      );
      return { exitCode: 0, stdout: text.join(""), stderr: "" };
    },
    readFile: async (id, path) => {
      reach();
      return world.files.get(`${containers.get(id)?.service ?? ""}:${path}`);
    },
    pause: async (ids) => {
      reach();
      setPaused(ids, true);
    },
    unpause: async (ids) => {
      reach();
      setPaused(ids, false);
    },
    restart: async (ids) => {
      reach();
      await clock.sleep(1);
      for (const id of ids) {
        const container = containers.get(id);
        if (container !== undefined) container.startedMs = clock.nowMs();
      }
    },
    imageLabels: async (reference) => {
      reach();
      return images.get(reference);
    },
    hostGateway: async () => {
      reach();
      return "172.17.0.1";
    },
    publishedPorts: async () => {
      reach();
      return [...containers.values()]
        .filter((one) => world.stateOf(one) === "running")
        .flatMap(({ ports, name, project, service }) =>
          ports.map((port) => ({ port, address: "127.0.0.1", container: name, project, service })),
        );
    },
    resources: async (project) => {
      reach();
      return {
        containers: ofProject(project).map(({ id }) => id),
        networks: namesOf(networks, project),
        volumes: namesOf(volumes, project),
      };
    },
    remove: async (resources) => {
      reach();
      for (const id of resources.containers) containers.delete(id);
      for (const name of resources.networks) networks.delete(name);
      for (const name of resources.volumes) volumes.delete(name);
    },
  };
}

function createWorld(clock: Clock): EngineWorld {
  const containers = new Map<string, FakeContainer>();
  let made = 0;
  const world: EngineWorld = {
    info: {
      version: "26.1.5+dfsg1",
      memoryBytes: 16 * gib,
      rootDir: "/var/lib/docker",
      hostName: "here",
      cpus: 2,
      system: "Debian GNU/Linux 13 (trixie)",
      storageDriver: "overlay2",
      security: ["seccomp"],
      nowMs: clock.nowMs(),
    },
    skewMs: 0,
    isOff: false,
    containers,
    networks: new Map(),
    volumes: new Map(),
    images: new Map(),
    environments: new Map(),
    files: new Map(),
    answerExec: () => ({ exitCode: 0, stdout: "{}\n200", stderr: "" }),
    add: (given) => {
      const id = `c${++made}`;
      const container: FakeContainer = {
        id,
        name: `${given.project ?? "alone"}-${given.service}-1`,
        project: undefined,
        image: "some-image:1",
        ports: [],
        behaviour: {},
        createdMs: clock.nowMs(),
        startedMs: clock.nowMs(),
        isPaused: false,
        ...given,
      };
      containers.set(container.id, container);
      return container;
    },
    stateOf: ({ startedMs, isPaused, behaviour }) => {
      if (startedMs === undefined) return "created";
      if (clock.nowMs() - startedMs >= (behaviour.exitsAfterMs ?? Infinity)) return "exited";
      return isPaused ? "paused" : "running";
    },
    healthOf: ({ startedMs, behaviour }) => {
      if (behaviour.hasHealthcheck !== true) return "none";
      const ageMs = clock.nowMs() - (startedMs ?? Infinity);
      if (ageMs >= (behaviour.unhealthyAfterMs ?? Infinity)) return "unhealthy";
      return ageMs >= (behaviour.healthyAfterMs ?? 0) ? "healthy" : "starting";
    },
  };
  return world;
}

function observe(container: FakeContainer, world: EngineWorld): ContainerObservation {
  const { id, name, service, image, behaviour, createdMs, startedMs } = container;
  const state = world.stateOf(container);
  const health = world.healthOf(container);
  return {
    id,
    name,
    service,
    state,
    health,
    exitCode: state === "exited" ? (behaviour.exitCode ?? 0) : 0,
    oomKilled: state === "exited" && behaviour.oomKilled === true,
    restartCount: behaviour.restartCount ?? 0,
    createdAtMs: createdMs,
    startedAt: startedMs === undefined ? undefined : new Date(startedMs).toISOString(),
    startedAtMs: startedMs,
    image,
    healthOutput: health === "healthy" || health === "none" ? "" : (behaviour.healthOutput ?? ""),
  };
}
