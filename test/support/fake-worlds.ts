import type { AirflowWorld } from "../contract/airflow-contract.ts";
import type { MlflowWorld } from "../contract/mlflow-contract.ts";
import type { ObjectStoreWorld } from "../contract/object-store-contract.ts";
import { createFakeAirflow } from "./fake-airflow.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeMlflow } from "./fake-mlflow.ts";
import { createFakeObjectStore } from "./fake-object-store.ts";

export function fakeAirflow(): AirflowWorld {
  const clock = createFakeClock(Date.UTC(2026, 0, 2));
  const dag = { dagId: "contract_dag", file: "contract_dag.py", taskIds: ["first", "second"] };
  const airflow = createFakeAirflow({
    clock,
    readFile: (file, text) =>
      text.includes("no_such_module_anywhere")
        ? {
            error: `  File "/opt/airflow/dags/${file}", line 3\nModuleNotFoundError: No module named 'no_such_module_anywhere'`,
          }
        : file === "contract_cause.py"
          ? { contract_cause: { tasks: ["work"], starts: ["contract_effect"] } }
          : file === "contract_effect.py"
            ? { contract_effect: { tasks: ["work"] } }
            : { [dag.dagId]: { tasks: dag.taskIds } },
  });
  airflow.putFile(dag.file, "");
  const components = ["metadatabase", "scheduler", "triggerer", "dag_processor"];
  return { airflow, clock, components, dag, putDagFile: async (file, text) => airflow.putFile(file, text) };
}

export function fakeMlflow(): MlflowWorld {
  const mlflow = createFakeMlflow();
  let ids = 0;
  const locations = new Map<string, string>();
  return {
    mlflow,
    createExperiment: async (name, artifactLocation) => {
      const experimentId = String(++ids);
      locations.set(experimentId, artifactLocation);
      mlflow.addExperiment({ experimentId, name, artifactLocation });
      return experimentId;
    },
    createRun: async (experimentId, { modelName, ...run }) => {
      const runId = `run${++ids}`;
      const modelIds = modelName === undefined ? [] : [`m-${runId}`];
      const artifactUri = `${locations.get(experimentId)}/${runId}/artifacts`;
      mlflow.addRun({ ...run, runId, experimentId, status: "FINISHED", artifactUri, modelIds });
      return { runId, modelIds };
    },
    createRegisteredModel: async (name, tags) => mlflow.addRegisteredModel({ name, tags, aliases: {} }),
    createModelVersion: async (name, runId, alias) => {
      const version = String((await mlflow.modelVersions(name)).length + 1);
      mlflow.addModelVersion(name, { version, runId, status: "READY" });
      const model = (await mlflow.registeredModels()).find((one) => one.name === name);
      mlflow.addRegisteredModel({ name, tags: {}, ...model, aliases: { [alias]: version } });
      return version;
    },
  };
}

export function fakeObjectStore(): ObjectStoreWorld {
  const store = createFakeObjectStore(["mlflow"]);
  return {
    store,
    bucket: "mlflow",
    put: async (key, content) => store.put("mlflow", key, content),
    delete: async (key) => store.delete("mlflow", key),
  };
}
