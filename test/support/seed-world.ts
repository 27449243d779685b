import { fileURLToPath } from "node:url";
import { createBundledFiles } from "../../src/adapters/bundled-files.ts";
import type { StackEvent } from "../../src/stack/events.ts";
import type { Line } from "../../src/stack/lines.ts";
import type { Compose } from "../../src/stack/ports.ts";
import { housingFeatures } from "../../src/stack/seed/housing.ts";
import type { SeedDeps } from "../../src/stack/seed/seed-types.ts";
import { createFakeAirflow, type FakeAirflow, type FakeDag } from "./fake-airflow.ts";
import { createFakeClock } from "./fake-clock.ts";
import { fakePipeline, rightAnswers, type PipelineTraces } from "./fake-pipeline.ts";
import { createFakeMlflow, type FakeMlflow } from "./fake-mlflow.ts";
import { createFakeObjectStore, type FakeObjectStore } from "./fake-object-store.ts";
import { createFakeFiles, type FakeFiles } from "./fake-files.ts";

export interface SeedWorld {
  readonly deps: SeedDeps;
  readonly airflow: FakeAirflow;
  readonly mlflow: FakeMlflow;
  readonly store: FakeObjectStore;
  readonly files: FakeFiles;
  readonly events: readonly StackEvent[];
  /** What was piped into a container, as text. */
  readonly installed: readonly string[];
}

export interface SeedWorldOptions {
  readonly project?: Readonly<Record<string, string>>;
  /** Files elsewhere on the machine. */
  readonly outside?: Readonly<Record<string, string>>;
  /** What a DAG file of the user's holds, by its text; the tutorial is known. */
  readonly dags?: Readonly<Record<string, Readonly<Record<string, FakeDag>> | { readonly error: string }>>;
  /** Rows that the tutorial works on; the first of these is the header. */
  readonly features?: readonly string[];
  readonly datasetSource?: string;
  /** The tutorial's last word: changes what it has left. */
  readonly spoil?: (world: Pick<SeedWorld, "mlflow" | "store">, ids: TutorialIds) => void;
  /** The pipeline's last word, when predict has ended. */
  readonly spoilPipeline?: (traces: PipelineTraces) => void;
  readonly exec?: { readonly exitCode: number; readonly stderr: string };
  readonly signal?: AbortSignal;
  readonly line?: Line;
}

interface TutorialIds {
  readonly runId: string;
  readonly mlflowRunId: string;
  readonly modelId: string;
}

export const sampleFeatures = [
  housingFeatures.join(","),
  "8,41,7,1,300,2.5,38,-122",
  "2,21,5,1.5,500,3.5,36,-120",
];
const sampleMeans = {
  MedInc: 5,
  HouseAge: 31,
  AveRooms: 6,
  AveBedrms: 1.25,
  Population: 400,
  AveOccup: 3,
  Latitude: 37,
  Longitude: -121,
};

/** A running stack in memory, with a project folder that Airflow sees. */
export function createSeedWorld(options: SeedWorldOptions = {}): SeedWorld {
  const clock = createFakeClock(Date.UTC(2026, 0, 2));
  const mlflow = createFakeMlflow();
  const store = createFakeObjectStore(["mlflow"]);
  const events: StackEvent[] = [];
  const installed: string[] = [];
  const tutorial: FakeDag = {
    tasks: ["create_experiment", "scale_features", "create_registered_model"],
    onSuccess: (runId) => runTutorial({ mlflow, store }, options, runId),
  };
  const traces: PipelineTraces = { mlflow, store, recomputed: rightAnswers(), version: 0 };
  const shipped = { mlflow_tutorial_dag: tutorial, ...fakePipeline(traces, options.spoilPipeline) };
  const airflow = createFakeAirflow({
    clock,
    readFile: (file, text) =>
      options.dags?.[text] ??
      Object.fromEntries(Object.entries(shipped).filter(([dagId]) => file === `${dagId}.py`)),
  });
  const seen = (path: string, content: string) => {
    if (path.startsWith("dags/")) airflow.putFile(path.slice("dags/".length), content);
  };
  const files = createFakeFiles(options.project);
  for (const [path, text] of Object.entries(options.outside ?? {})) files.outside.set(path, text);
  for (const [path, { text }] of files.files) seen(path, text);
  const write: FakeFiles["write"] = async (path, text, mode) => {
    await files.write(path, text, mode);
    seen(path, text);
  };

  const compose: Pick<Compose, "exec"> = {
    exec: async (_file, _service, command, { input }) => {
      const text = new TextDecoder().decode(input);
      if (command.join(" ").includes("load_diabetes")) {
        const asked = Object.entries(traces.recomputed).filter(([name]) => name in JSON.parse(text));
        const stdout = `a word of MLflow's\n${JSON.stringify(Object.fromEntries(asked))}\n`;
        return { exitCode: 0, stdout, stderr: "", ...options.exec };
      }
      installed.push(text);
      return { exitCode: 0, stdout: "", stderr: "", ...options.exec };
    },
  };
  const deps: SeedDeps = {
    airflow,
    mlflow,
    store,
    compose,
    files: { ...files, write },
    clock,
    bundled: createBundledFiles(fileURLToPath(new URL("../../", import.meta.url))),
    emit: (event) => void events.push(event),
    signal: options.signal ?? new AbortController().signal,
    target: {
      bucket: "mlflow",
      project: "housing",
      airflowService: "airflow-scheduler",
      dagsDir: "dags",
      line: options.line ?? "current",
      endpoints: {
        airflow: "http://localhost:8080",
        mlflow: "http://localhost:5000",
        console: "http://localhost:9001",
      },
      mlflow: undefined,
    },
  };
  return { deps, airflow, mlflow, store, files, events, installed };
}

/** Leaves what the tutorial DAG leaves. */
function runTutorial(
  { mlflow, store }: Pick<SeedWorld, "mlflow" | "store">,
  { features = sampleFeatures, datasetSource = "scikit-learn-data", spoil }: SeedWorldOptions,
  runId: string,
): void {
  const stamp = runId.replaceAll(/[:/]/gu, "-");
  const ids = { runId, mlflowRunId: `run-of-${stamp}`, modelId: `m-of-${stamp}` };
  const root = "s3://mlflow/housing";
  mlflow.addExperiment({ experimentId: "7", name: "Housing", artifactLocation: root });
  mlflow.addRun({
    runId: ids.mlflowRunId,
    experimentId: "7",
    name: "Scaler",
    status: "FINISHED",
    metrics: sampleMeans,
    params: {},
    tags: { "airflow.dag_id": "mlflow_tutorial_dag", "airflow.run_id": runId, dataset_source: datasetSource },
    artifactUri: `${root}/${ids.mlflowRunId}/artifacts`,
    modelIds: [ids.modelId],
  });
  mlflow.addRegisteredModel({
    name: `housing-scaler-${stamp}-try1`,
    tags: { model_type: "regression", data: "housing" },
    aliases: {},
  });
  store.put("mlflow", `housing/${ids.mlflowRunId}/artifacts/features.csv`, `${features.join("\n")}\n`);
  for (const name of ["MLmodel", "model.skops"]) {
    store.put("mlflow", `housing/models/${ids.modelId}/artifacts/${name}`, "content");
  }
  spoil?.({ mlflow, store }, ids);
}
