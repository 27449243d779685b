import { expect } from "vitest";
import type { UpResult } from "../../src/stack/up.ts";
import { noteShown, recordFault } from "./fault-log.ts";
import { holdingsOf, lost } from "./holdings.ts";
import { layoutFacts, usualLayout } from "./layouts.ts";
import { docker, output } from "./run.ts";
import { spawnTool, type Spawned } from "./spawned.ts";
import { createTestProject, type Failure, type TestPlace, type TestProject } from "./test-project.ts";

/** A live stack with something in it, to be broken and brought back. */
export interface FaultStack extends TestProject {
  spawn(...args: readonly string[]): Spawned;
  /** Runs the tool, which has to fail with this code; notes what it said and how long it took. */
  expectFailure(code: string, ...args: readonly string[]): Promise<Failure["error"]>;
  /** A command that goes on says this at once after `sinceMs`; notes the line. */
  expectNamed(command: Spawned, pattern: RegExp, sinceMs: number): Promise<void>;
  /** The signal ends a command, at once unless said otherwise, and with its own status; notes what was said. */
  expectStopped(command: Spawned, signal: StopSignal, withinMs?: number): Promise<void>;
  /** `up` without any flag gives a proven stack in which nothing is lost; records the fault (or what the test is called). */
  expectWhole(fault?: string): Promise<void>;
  /** Ids of the containers: another one is another container. */
  containers(): Promise<readonly string[]>;
  /** Kills a service's container without a warning; returns when, by the time of day. */
  kill(service: string): Promise<number>;
  /** Resolves when a service's container runs; to be called while it is started. */
  running(service: string): Promise<void>;
}

export const services = ["postgres", "minio", "mlflow", ...layoutFacts[usualLayout].airflow];

/** From the event to the words that name it, milliseconds. */
export const atOnceMs = 1000;

/** From the event to the end of the command that names it: what it runs itself gets a second to end. */
export const endsMs = 3000;

const statusOfSignal = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof statusOfSignal;

const look = { timeout: 60_000, interval: 50 };

/** Starts a stack of a test's own, in a project that may be prepared first, and runs the tutorial in it. */
export async function createFaultStack(
  label: string,
  place?: TestPlace,
  prepare?: (project: TestProject) => Promise<void>,
): Promise<FaultStack> {
  const project = await createTestProject(label, place);
  await prepare?.(project);
  const up = async (): Promise<UpResult> => {
    const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(status).toBe(0);
    return json;
  };
  await up();
  expect((await project.stack("seed")).status).toBe(0);
  const holdings = await holdingsOf(project);
  expect(holdings.length).toBeGreaterThan(5);

  return {
    ...project,
    spawn: (...args) => spawnTool(project, ...args),
    expectFailure: async (code, ...args) => {
      const beganMs = Date.now();
      const { status, json } = await project.stackJson(...args);
      noteShown(`${json.error.code}: ${json.error.message}`, Date.now() - beganMs);
      expect(json.error.code, json.error.message).toBe(code);
      expect(json.error.hint).toMatch(/\S/u);
      expect(status).toBe(json.error.status);
      return json.error;
    },
    expectNamed: async (command, pattern, sinceMs) => {
      const namedAfterMs = (await command.seen("stderr", pattern)) - sinceMs;
      noteShown(command.line("stderr", pattern) ?? "", namedAfterMs);
      expect(namedAfterMs).toBeLessThan(atOnceMs);
    },
    expectStopped: async (command, signal, withinMs = atOnceMs) => {
      const sentMs = Date.now();
      expect(command.stop(signal), "it was at work yet").toBe(true);
      const { status, stdout } = await command.ended;
      const tookMs = Date.now() - sentMs;
      // One that was stopped before it could listen for signals says nothing.
      const { error } = (stdout === "" ? {} : JSON.parse(stdout)) as Partial<Failure>;
      const words = error === undefined ? "" : `${error.code}: ${error.message} `;
      noteShown(`${words}(exit status ${status})`, tookMs);
      expect(tookMs).toBeLessThan(withinMs);
      expect(status).toBe(statusOfSignal[signal]);
      expect(error?.status ?? status).toBe(status);
    },
    expectWhole: async (fault) => {
      const { probes } = await up();
      expect(lost(holdings, await holdingsOf(project))).toEqual([]);
      recordFault({
        fault,
        after: `\`up\` proves all ${probes.length} hops; all ${holdings.length} things in it are there`,
      });
    },
    containers: async () => await Promise.all(services.map(project.containerOf)),
    kill: async (service) => {
      const id = await project.containerOf(service);
      const atMs = Date.now();
      await docker("kill", "--signal=KILL", id);
      return atMs;
    },
    running: async (service) => {
      const state = async (): Promise<string> => {
        const id = await project.containerOf(service);
        return id === "" ? "" : await docker("inspect", "--format", "{{.State.Status}}", id);
      };
      await expect.poll(state, look).toBe("running");
    },
  };
}

/** Processes of this machine that work for the project, such as a `docker compose` that outlived its command. */
export async function strayProcesses({ dir, name }: TestProject): Promise<readonly string[]> {
  const lines = (await output("ps", ["-eo", "args="])).split("\n");
  const isOurs = (line: string): boolean => line.includes(dir) || line.includes(`--project-name=${name}`);
  return lines.filter((line) => isOurs(line) && !line.startsWith("ps "));
}
