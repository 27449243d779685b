import { canaryDag, canaryFile } from "../../src/stack/prove/canary.ts";
import type { ProveDeps } from "../../src/stack/prove/prove.ts";
import type { StackEvent } from "../../src/stack/events.ts";
import { createFakeAirflow } from "./fake-airflow.ts";
import { createFakeBundled } from "./fake-bundled.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeEngine } from "./fake-engine.ts";
import { createFakeFiles } from "./fake-files.ts";
import { createFakeMlflow, type FakeMlflow } from "./fake-mlflow.ts";
import { createFakeObjectStore, type FakeObjectStore } from "./fake-object-store.ts";
import { createFakeSystem } from "./fake-system.ts";

export interface CanaryTraces {
  readonly mlflow: FakeMlflow;
  readonly store: FakeObjectStore;
  /** Of the run that the canary left, and of its object. */
  readonly runId: string;
  readonly key: string;
}

export interface CanaryWorld {
  readonly deps: ProveDeps;
  readonly events: readonly StackEvent[];
  /** What of the canary is somewhere, by kind. */
  holdings(): Promise<readonly string[]>;
}

export interface CanaryWorldOptions {
  /** The canary's last word: changes what it has left. */
  readonly spoil?: (traces: CanaryTraces) => void;
  readonly fails?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: StackEvent) => void;
  /** Commands in containers that come to nothing, by a word of theirs. */
  readonly broken?: string;
}

const bucket = "mlflow";

/** A running stack in memory whose canary leaves what the real one leaves. */
export async function createCanaryWorld(options: CanaryWorldOptions = {}): Promise<CanaryWorld> {
  const clock = createFakeClock(Date.UTC(2026, 0, 2));
  const [mlflow, store, bundled] = [createFakeMlflow(), createFakeObjectStore([bucket]), createFakeBundled()];
  bundled.programs.set(canaryFile, "the canary");
  const events: StackEvent[] = [];
  let conf: Readonly<Record<string, string>> = {};
  let isInPlace = false;
  const [experimentId, runId] = ["7", "r1"];

  const onSuccess = (): void => {
    const { token = "", content = "" } = conf;
    const root = `stack-canary/${token}`;
    const key = `${root}/${runId}/artifacts/${token}.bin`;
    mlflow.addExperiment({
      experimentId,
      name: `stack-canary-${token}`,
      artifactLocation: `s3://${bucket}/${root}`,
    });
    mlflow.addRun({
      runId,
      experimentId,
      name: "canary",
      status: "FINISHED",
      metrics: { bytes: content.length / 2 },
      params: { token },
      tags: {},
      artifactUri: `s3://${bucket}/${root}/${runId}/artifacts`,
      modelIds: [],
    });
    store.put(bucket, key, Uint8Array.from(Buffer.from(content, "hex")));
    options.spoil?.({ mlflow, store, runId, key });
  };
  const dag = { tasks: ["log_to_mlflow"], onSuccess };
  const failing = { taskId: "log_to_mlflow", log: ["boto3 says no"] };
  const airflow = createFakeAirflow({
    clock,
    readFile: () => ({ [canaryDag]: options.fails === true ? { ...dag, failing } : dag }),
    secondsPerTask: 3,
  });

  const inner = createFakeEngine({ clock });
  for (const service of ["airflow", "mlflow"]) inner.world.add({ service, project: "housing" });
  const [scheduler, server] = await inner.containers("housing");
  if (scheduler === undefined) throw new Error("there is no container");
  const act = async (command: readonly string[]): Promise<void> => {
    const script = command.join(" ");
    if (script.includes("rm -rf") || script.includes("mv ")) {
      isInPlace = !script.includes("rm -rf");
      airflow.putFile(canaryFile, isInPlace ? "the canary" : undefined);
    }
    if (!script.includes("gc.main")) return;
    for (const { key } of await store.objects(bucket)) store.delete(bucket, key);
  };
  const exec: ProveDeps["engine"]["exec"] = async (_id, command) => {
    const isBroken = options.broken !== undefined && command.join(" ").includes(options.broken);
    if (!isBroken) await act(command);
    return { exitCode: isBroken ? 1 : 0, stdout: "", stderr: isBroken ? "it is broken" : "" };
  };

  const holdings = async (): Promise<readonly string[]> => [
    ...(isInPlace ? ["file"] : []),
    ...airflow.runIds(canaryDag).map(() => "DAG run"),
    ...(await mlflow.experiments()).flatMap(({ name }) => (name === "Default" ? [] : ["experiment"])),
    ...(await store.objects(bucket)).map(() => "object"),
  ];
  const deps: ProveDeps = {
    airflow: {
      ...airflow,
      trigger: async (dagId, signal, given = {}) => {
        conf = given;
        return await airflow.trigger(dagId, signal, given);
      },
    },
    mlflow,
    store,
    engine: { ...inner, exec },
    system: createFakeSystem(),
    bundled,
    files: createFakeFiles(),
    clock,
    emit: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
    signal: options.signal ?? new AbortController().signal,
    target: {
      dagsDir: "dags",
      line: "current",
      endpoints: { airflow: "http://a", mlflow: "http://m", console: "http://c" },
    },
    containers: { scheduler, mlflow: server },
    bucket,
    elsewhere: undefined,
  };
  return { deps, events, holdings };
}
