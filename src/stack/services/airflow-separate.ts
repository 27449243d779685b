import type { ComposeService } from "../compose-types.ts";
import { airflowService, airflowStorage, outlivesAirflow, passwordsMount } from "./airflow-common.ts";
import { migrationEnv } from "./airflow-env.ts";
import { heartbeat } from "./airflow-heartbeat.ts";
import { httpHealthcheck } from "./healthcheck.ts";
import type { DefineService } from "./service.ts";

/** Airflow's migration and its four components, a container each, as any image with Airflow in it can run them. */
export const airflowSeparate: DefineService = (inputs) => {
  const { host, ports } = inputs.spec;
  const common = airflowService(inputs);
  const component = (command: string, own: Partial<ComposeService>): ComposeService => ({
    ...common,
    hostname: `airflow-${command}`,
    command: [command],
    depends_on: {
      ...outlivesAirflow(inputs.spec),
      "airflow-migrate": { condition: "service_completed_successfully" },
    },
    ...own,
  });
  return {
    services: {
      "airflow-migrate": {
        ...common,
        command: ["db", "migrate"],
        environment: migrationEnv(inputs),
        depends_on: { postgres: { condition: "service_healthy" } },
        restart: "no",
      },
      "airflow-api-server": component("api-server", {
        // Heard by our image.
        environment: { STACK_API_HOSTS: "on", ...common.environment },
        ports: [`${host}:${ports.airflow}:8080`],
        configs: [passwordsMount],
        healthcheck: httpHealthcheck("http://127.0.0.1:8080/api/v2/version"),
      }),
      "airflow-scheduler": component("scheduler", { healthcheck: heartbeat("SchedulerJob") }),
      "airflow-dag-processor": component("dag-processor", { healthcheck: heartbeat("DagProcessorJob") }),
      "airflow-triggerer": component("triggerer", { healthcheck: heartbeat("TriggererJob") }),
    },
    ...airflowStorage,
  };
};
