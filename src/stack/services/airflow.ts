import type { BindMount, ComposeHealthcheck, ComposeService } from "../compose-types.ts";
import { secretRef } from "../secrets.ts";
import { airflowEnv, airflowHome, passwordsFile, scikitLearnData } from "./airflow-env.ts";
import { healthcheck, httpHealthcheck } from "./healthcheck.ts";
import { imageOf, literal, type DefineService, type ServiceInputs } from "./service.ts";

/** The user's folders that Airflow sees; read-only, so that no container leaves files of its own user in them. */
export const projectFolders = ["dags", "include", "plugins"] as const;

/** Airflow's migration and its four components. */
export const airflow: DefineService = (inputs) => {
  const { host, ports } = inputs.spec;
  const common = commonService(inputs);
  const component = (command: string, own: Partial<ComposeService>): ComposeService => ({
    ...common,
    hostname: `airflow-${command}`,
    command: [command],
    depends_on: { "airflow-migrate": { condition: "service_completed_successfully" } },
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
        // Airflow opens it for writing, though it finds nothing to add.
        configs: [{ source: "airflow-passwords", target: passwordsFile, uid: "50000", mode: 0o600 }],
        healthcheck: httpHealthcheck("http://127.0.0.1:8080/api/v2/version"),
      }),
      "airflow-scheduler": component("scheduler", { healthcheck: heartbeat("SchedulerJob") }),
      "airflow-dag-processor": component("dag-processor", { healthcheck: heartbeat("DagProcessorJob") }),
      "airflow-triggerer": component("triggerer", { healthcheck: heartbeat("TriggererJob") }),
    },
    volumes: ["airflow-logs", "airflow-data"],
    configs: {
      "airflow-passwords": { content: JSON.stringify({ admin: secretRef("AIRFLOW_ADMIN_PASSWORD") }) },
    },
  };
};

function commonService(inputs: ServiceInputs): ComposeService {
  return {
    ...imageOf(inputs, "airflow"),
    environment: airflowEnv(inputs),
    volumes: [
      ...projectFolders.map((folder): BindMount => {
        const source = literal(`${inputs.projectDir}/${folder}`);
        return { type: "bind", source, target: `${airflowHome}/${folder}`, read_only: true };
      }),
      `airflow-logs:${airflowHome}/logs`,
      `airflow-data:${scikitLearnData}`,
    ],
    extra_hosts: ["host.docker.internal:host-gateway"],
  };
}

/**
 * A component without an HTTP endpoint is healthy when the job that it started itself has beaten in the last
 * 30 s: a job of this host name that began no earlier than the container did. `airflow jobs check` would boot
 * a whole interpreter each time.
 */
function heartbeat(jobType: string): ComposeHealthcheck {
  const query = `select 1 from job where job_type = '${jobType}' and state = 'running' and hostname = '$HOSTNAME'
    and start_date >= to_timestamp($(stat -c %Y /proc/1) - 1) and latest_heartbeat > now() - interval '30 seconds'`;
  const script = `[[ $AIRFLOW__DATABASE__SQL_ALCHEMY_CONN =~ ://([^:]+):([^@]+)@([^/:]+):?([0-9]*)/([^?]+) ]] || exit 1
export PGUSER=\${BASH_REMATCH[1]} PGPASSWORD=\${BASH_REMATCH[2]} PGHOST=\${BASH_REMATCH[3]}
export PGPORT=\${BASH_REMATCH[4]:-5432} PGDATABASE=\${BASH_REMATCH[5]} PGCONNECT_TIMEOUT=4
test "$(psql -Atqc "${query.replaceAll(/\s+/gu, " ")}" | head -n 1)" = 1`;
  return healthcheck(["CMD", "bash", "-c", literal(script)]);
}
