import { parse } from "yaml";
import type { Clock } from "../../src/lib/clock.ts";
import { interrupted, StackError } from "../../src/lib/errors.ts";
import type { ComposeFile, ComposeService } from "../../src/stack/compose-types.ts";
import type { Compose, ExecResult, ProjectFiles } from "../../src/stack/ports.ts";
import type { Behaviour, EngineWorld, FakeContainer, FakeEngine } from "./fake-engine.ts";

/** A program inside a container: what it does with its arguments and standard input. */
export type Program = (args: readonly string[], input: Uint8Array) => ExecResult;

export interface FakeCompose extends Compose {
  installed: { compose: string | undefined; buildx: string | undefined };
  /** How a service's containers behave from their next start on; else they get healthy, or end well, at once. */
  readonly behaviours: Map<string, Behaviour>;
  /** Programs that every container has. */
  readonly programs: Map<string, Program>;
  /** What the next starts fail with before they do anything. */
  failure: StackError | undefined;
}

export interface FakeComposeOptions {
  readonly engine: FakeEngine;
  readonly files: Pick<ProjectFiles, "read">;
  readonly clock: Clock;
}

const tickMs = 100;

const airflowSchedulers = ["airflow", "airflow-scheduler"];
/** Whose database holds nothing encrypted. */
const settled: Program = () => ({ exitCode: 0, stdout: '{"encrypted": 0, "closed": []}\n', stderr: "" });

/** The `docker compose` command in memory: it makes on the fake engine what a compose file describes. */
export function createFakeCompose({ engine, files, clock }: FakeComposeOptions): FakeCompose {
  const { world } = engine;
  const configs = new Map<string, string>();
  const behaviours = new Map<string, Behaviour>();

  const readFile = async (path: string): Promise<ComposeFile> => {
    const text = await files.read(path);
    if (text === undefined) throw failed(`open ${path}: no such file or directory`);
    try {
      return parseOnce(text);
    } catch (error) {
      throw failed(String(error));
    }
  };

  /** A container keeps running through an `up` that finds nothing changed about it. */
  const place = (project: string, name: string, service: ComposeService, config: string): FakeContainer => {
    const old = containerOf(world, project, name);
    const behaviour = behaviours.get(name) ?? defaultBehaviour(service);
    if (old !== undefined && configs.get(old.id) === config) {
      if (world.stateOf(old) !== "exited") return old;
      const again = { ...old, behaviour, startedMs: undefined };
      world.containers.set(old.id, again);
      return again;
    }
    if (old !== undefined) world.containers.delete(old.id);
    const ports = (service.ports ?? []).map((port) => Number(port.split(":").at(-2)));
    const made = world.add({
      project,
      service: name,
      image: service.image,
      ports,
      behaviour,
      startedMs: undefined,
    });
    configs.set(made.id, config);
    return made;
  };

  const startWhenReady = async (
    containers: ReadonlyMap<string, FakeContainer>,
    file: ComposeFile,
    signal: AbortSignal,
  ): Promise<void> => {
    for (;;) {
      if (signal.aborted) throw interrupted(signal.reason);
      const waiting = [...containers].filter(([, one]) => one.startedMs === undefined);
      if (waiting.length === 0) return;
      for (const [name, container] of waiting) {
        const dependencies = Object.entries(file.services[name]?.depends_on ?? {});
        const isReady = dependencies.every(([on, { condition }]) =>
          isMet(condition, containers.get(on), { world, clock }),
        );
        if (isReady) container.startedMs = clock.nowMs();
      }
      try {
        await clock.sleep(tickMs, signal);
      } catch (error) {
        throw interrupted(error);
      }
    }
  };

  const compose: FakeCompose = {
    installed: { compose: "2.26.1-4", buildx: "0.13.1" },
    behaviours,
    programs: new Map(airflowSchedulers.map((name) => [name, settled])),
    failure: undefined,
    versions: async () => compose.installed,
    up: async (path, { services, signal }) => {
      if (signal.aborted) throw interrupted(signal.reason);
      if (compose.failure !== undefined) throw compose.failure;
      const file = await readFile(path);
      const secrets = (await files.read(path.replace(/[^/]*$/u, ".env"))) ?? "";
      for (const one of world.containers.values()) {
        if (one.project === file.name && !(one.service in file.services)) world.containers.delete(one.id);
      }
      world.networks.set(`${file.name}_default`, file.name);
      for (const volume of Object.keys(file.volumes ?? {}))
        world.volumes.set(`${file.name}_${volume}`, file.name);
      const containers = new Map(
        Object.entries(file.services).flatMap(([name, service]) => {
          if (services?.includes(name) === false) return [];
          if (service.pull_policy === "never" && !world.images.has(service.image))
            throw failed(`No such image: ${service.image}`);
          return [[name, place(file.name, name, service, JSON.stringify([service, file.configs, secrets]))]];
        }),
      );
      await startWhenReady(containers, file, signal);
    },
    down: async (project, { volumes }) => {
      const mine = [...world.containers.values()].filter((one) => one.project === project);
      // Like the real command, which finds a project by its containers.
      if (mine.length === 0) return;
      const { networks, volumes: data } = await engine.resources(project);
      await engine.remove({
        containers: mine.map(({ id }) => id),
        networks,
        volumes: volumes ? data : [],
      });
    },
    run: async (path, name, args, { input }) => {
      const service = (await readFile(path)).services[name];
      if (service === undefined) throw failed(`no such service: ${name}`);
      if (!world.images.has(service.image)) throw failed(`No such image: ${service.image}`);
      const program = compose.programs.get(service.entrypoint?.[0] ?? name);
      if (program === undefined) return { exitCode: 127, stdout: "", stderr: `${name}: not found` };
      return program(args, input ?? new Uint8Array());
    },
    exec: async (project, service, [command = "", ...args], { input }) => {
      const container = containerOf(world, project, service);
      if (container === undefined || world.stateOf(container) !== "running")
        return { exitCode: 1, stdout: "", stderr: `service "${service}" is not running` };
      const program = compose.programs.get(command);
      if (program === undefined) return { exitCode: 127, stdout: "", stderr: `${command}: not found` };
      return program(args, input ?? new Uint8Array());
    },
  };
  return compose;
}

const parsed = new Map<string, ComposeFile>();

/** Reading YAML is most of what a fake start costs, and tests start the same files again and again. */
function parseOnce(text: string): ComposeFile {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const file: ComposeFile = parse(text);
  parsed.set(text, file);
  return file;
}

function containerOf(world: EngineWorld, project: string, service: string): FakeContainer | undefined {
  return [...world.containers.values()].find((one) => one.project === project && one.service === service);
}

function defaultBehaviour({ healthcheck, restart }: ComposeService): Behaviour {
  if (restart === "no") return { exitsAfterMs: tickMs };
  return healthcheck === undefined ? {} : { hasHealthcheck: true, healthyAfterMs: tickMs };
}

/** Throws when the dependency can't come to what is asked of it any more. */
function isMet(
  condition: string,
  container: FakeContainer | undefined,
  { world, clock }: { readonly world: EngineWorld; readonly clock: Clock },
): boolean {
  if (container?.startedMs === undefined) return false;
  if (condition === "service_started") return true;
  const state = world.stateOf(container);
  if (condition === "service_completed_successfully") {
    if (state !== "exited") return false;
    const exitCode = container.behaviour.exitCode ?? 0;
    if (exitCode === 0) return true;
    throw failed(`service "${container.service}" didn't complete successfully: exit ${exitCode}`);
  }
  if (state === "exited") throw failed(`container ${container.name} exited`);
  const health = world.healthOf(container);
  const isUnchecked = clock.nowMs() < (container.uncheckedUntilMs ?? 0);
  if (health === "unhealthy" || isUnchecked) throw failed(`container ${container.name} is unhealthy`);
  return health === "healthy";
}

function failed(reason: string): StackError {
  return new StackError("COMPOSE_FAILED", `docker compose ended with exit code 1: ${reason}.`, {
    facts: { command: "docker compose up", exitCode: 1, log: [reason] },
  });
}
