import type { ComposeHealthcheck, ComposeService } from "../compose-types.ts";
import { airflowService, airflowStorage, outlivesAirflow, passwordsMount } from "./airflow-common.ts";
import { healthcheck, httpHealthcheck } from "./healthcheck.ts";
import { postgresLogin } from "./postgres-login.ts";
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
        depends_on: { postgres: { condition: "service_healthy" } },
        restart: "no",
      },
      "airflow-api-server": component("api-server", {
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

/**
 * A component without an HTTP endpoint is healthy when the job that it started itself has beaten in the last
 * 30 s: a job of this host name that began no earlier than the container did. `airflow jobs check` would boot
 * a whole interpreter each time.
 */
function heartbeat(jobType: string): ComposeHealthcheck {
  const query = `select 1 from job where job_type = '${jobType}' and state = 'running' and hostname = '$HOSTNAME'
    and start_date >= to_timestamp($(stat -c %Y /proc/1) - 1) and latest_heartbeat > now() - interval '30 seconds'`;
  const script = `${postgresLogin("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")}
test "$(psql -Atqc "${query.replaceAll(/\s+/gu, " ")}" | head -n 1)" = 1`;
  return healthcheck({ test: script, shell: "bash" });
}
