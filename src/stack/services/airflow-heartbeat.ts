import type { ComposeHealthcheck } from "../compose-types.ts";
import { healthcheck } from "./healthcheck.ts";
import { postgresLogin } from "./postgres-login.ts";

/**
 * A component without an HTTP endpoint is healthy when the job that it started itself has beaten in the last
 * 30 s: a job of this host name that began no earlier than the container did. `airflow jobs check` would boot
 * a whole interpreter each time.
 */
export function heartbeat(jobType: string): ComposeHealthcheck {
  const query = `select 1 from job where job_type = '${jobType}' and state = 'running' and hostname = '$HOSTNAME'
    and start_date >= to_timestamp($(stat -c %Y /proc/1) - 1) and latest_heartbeat > now() - interval '30 seconds'`;
  const script = `${postgresLogin("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")}
test "$(psql -Atqc "${query.replaceAll(/\s+/gu, " ")}" | head -n 1)" = 1`;
  return healthcheck({ test: script, shell: "bash" });
}
