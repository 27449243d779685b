import { up } from "../../src/commands/up.ts";
import type { Context, ServiceClients } from "../../src/context.ts";
import { StackError } from "../../src/lib/errors.ts";
import type { StackEvent } from "../../src/stack/events.ts";
import { openProject, type Project } from "../../src/stack/project.ts";
import type { ArchiveEntry } from "../../src/stack/report/archive.ts";
import type { SettingFlags } from "../../src/stack/setting-sources.ts";
import type { UpOptions, UpResult } from "../../src/stack/up.ts";
import { createFakeAirflow } from "./fake-airflow.ts";
import { createFakeBuilder, type FakeBuilder } from "./fake-builder.ts";
import { createFakeBundled, type FakeBundled } from "./fake-bundled.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { createFakeCompose, type FakeCompose } from "./fake-compose.ts";
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts";
import { createFakeFiles, type FakeFiles } from "./fake-files.ts";
import { createFakeMachine, type FakeMachine } from "./fake-machine.ts";
import { createFakeMlflow } from "./fake-mlflow.ts";
import { createFakeObjectStore } from "./fake-object-store.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

/** One machine with one project on it, all in memory. */
export interface StackWorld {
  readonly clock: FakeClock;
  readonly engine: FakeEngine;
  readonly compose: FakeCompose;
  readonly builder: FakeBuilder;
  readonly system: FakeSystem;
  readonly machine: FakeMachine;
  readonly files: FakeFiles;
  readonly bundled: FakeBundled;
  readonly emit: (event: StackEvent) => void;
  readonly signal: AbortSignal;

  /** Archives that were written, by their paths. */
  readonly archives: ReadonlyMap<string, readonly ArchiveEntry[]>;
  readonly events: readonly StackEvent[];
  readonly env: Record<string, string>;
  readonly clients: ServiceClients;
  /** The machine's bundle of certificate authorities, by its path in `files.outside`. */
  caFile: string | undefined;
  /** Other folders on the machine. */
  readonly folders: Map<string, FakeFiles>;
  /** What the user says to a question; undefined when there is nobody. */
  answer: boolean | undefined;
  /** What the user types when a secret is asked for. */
  typed: string | undefined;
  /** The user presses Ctrl-C. */
  interrupt(reason?: unknown): void;
  /** The project as it is now. */
  project(flags?: SettingFlags): Promise<Project>;
  /** What commands are given. */
  context(flags?: SettingFlags): Context;
}

export interface StackWorldOptions {
  /** The files in the project folder. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly dir?: string;
  /** A world to share the machine with. */
  readonly beside?: StackWorld;
}

export function createStackWorld({ texts = {}, dir, beside }: StackWorldOptions = {}): StackWorld {
  const clock = beside?.clock ?? createFakeClock(Date.UTC(2026, 0, 2));
  const engine = beside?.engine ?? createFakeEngine({ clock });
  const system = beside?.system ?? createFakeSystem();
  const bundled = beside?.bundled ?? createFakeBundled();
  const machine = beside?.machine ?? createFakeMachine();
  const files = createFakeFiles(texts, dir);
  const events: StackEvent[] = [];
  const archives = new Map<string, readonly ArchiveEntry[]>();
  const controller = new AbortController();

  const world: StackWorld = {
    clock,
    engine,
    compose: createFakeCompose({ engine, files, clock }),
    builder: createFakeBuilder({ engine, clock }),
    system,
    machine,
    files,
    bundled,
    emit: (event) => void events.push(event),
    signal: controller.signal,
    archives,
    events,
    env: {},
    folders: new Map(),
    clients: {
      airflow: createFakeAirflow({ clock, readFile: () => ({}) }),
      mlflow: createFakeMlflow(),
      store: createFakeObjectStore(["mlflow"]),
    },
    caFile: undefined,
    answer: undefined,
    typed: undefined,
    interrupt: (reason) => {
      controller.abort(reason);
    },
    project: async (flags = {}) => await openProject(files, world.env, flags),
    context: (flags = {}) => ({
      clock,
      emit: world.emit,
      signal: controller.signal,
      files: async () => files,
      filesAt: async (folder) => {
        const found = world.folders.get(folder);
        if (found === undefined) throw new StackError("CONFIG_NOT_FOUND", `no folder ${folder}`);
        return found;
      },
      project: async () => await world.project(flags),
      bundled: async () => bundled,
      system: async () => system,
      machine: async () => machine,
      archiver: async () => ({
        write: async ({ target, folder, entries }) => {
          const path = target ?? `${folder}/stack-report.tar.gz`;
          archives.set(path, entries);
          return await Promise.resolve({ path, bytes: 1000 });
        },
      }),
      engine: async () => engine,
      compose: async () => world.compose,
      builder: async () => world.builder,
      env: world.env,
      caFile: async () => world.caFile,
      exclusively: async (_, work) => await work(),
      clients: async () => world.clients,
      mlflow: async () => world.clients.mlflow,
      askSecret: async () => world.typed,
      confirm: async () => world.answer,
    }),
  };
  return world;
}

/** Brings the world's project up. */
export async function upOf(
  world: StackWorld,
  options: Partial<UpOptions> = {},
  flags: SettingFlags = {},
): Promise<UpResult> {
  return await up(world.context(flags), { build: true, timeoutMs: 60_000, ...options });
}

/** A compose file as a dry run shows it, which asks no engine how much memory it has. */
export function withoutLimits(text: string): string {
  return text.replaceAll(/^ +mem_limit: .*\n/gmu, "");
}
