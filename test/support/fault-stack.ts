import { expect } from "vitest";
import type { UpResult } from "../../src/stack/up.ts";
import { holdingsOf, lost } from "./holdings.ts";
import { docker, output } from "./run.ts";
import { spawnTool, type Spawned } from "./spawned.ts";
import { createTestProject, type Failure, type TestPlace, type TestProject } from "./test-project.ts";

/** A live stack with something in it, to be broken and brought back. */
export interface FaultStack extends TestProject {
  spawn(...args: readonly string[]): Spawned;
  /** Runs the tool, which has to fail with this code. */
  expectFailure(code: string, ...args: readonly string[]): Promise<Failure["error"]>;
  /** `up` without any flag gives a proven stack in which nothing is lost. */
  expectWhole(): Promise<void>;
  /** Kills a service's container without a warning; returns when, by the time of day. */
  kill(service: string): Promise<number>;
  /** Resolves when a service's container runs; to be called while it is started. */
  running(service: string): Promise<void>;
}

export const services = ["postgres", "minio", "mlflow", "airflow"] as const;

/** From the event to the words that name it, milliseconds. */
export const atOnceMs = 2000;

const look = { timeout: 60_000, interval: 50 };

/** Starts a stack of a test's own and runs the tutorial in it. */
export async function createFaultStack(label: string, place?: TestPlace): Promise<FaultStack> {
  const project = await createTestProject(label, place);
  const up = async (): Promise<void> => {
    const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(status).toBe(0);
  };
  await up();
  expect((await project.stack("seed")).status).toBe(0);
  const holdings = await holdingsOf(project);
  expect(holdings.length).toBeGreaterThan(5);

  return {
    ...project,
    spawn: (...args) => spawnTool(project, ...args),
    expectFailure: async (code, ...args) => {
      const { status, json } = await project.stackJson(...args);
      expect(json.error.code, json.error.message).toBe(code);
      expect(json.error.hint).toMatch(/\S/u);
      expect(status).toBe(json.error.status);
      return json.error;
    },
    expectWhole: async () => {
      await up();
      expect(lost(holdings, await holdingsOf(project))).toEqual([]);
    },
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
