import type { ComposeService } from "../compose-types.ts";
import { secretRef } from "../secrets.ts";
import { airflowService, airflowStorage, outlivesAirflow } from "./airflow-common.ts";
import { migrationEnv } from "./airflow-env.ts";
import { heartbeat } from "./airflow-heartbeat.ts";
import { airflowUser, classicCanaryFolder } from "./airflow-paths.ts";
import { httpHealthcheck } from "./healthcheck.ts";
import type { DefineService } from "./service.ts";

/*
 * Tables and admin from one import of Airflow, whose own two commands would each make their own. The password comes by
 * a variable, so that no process list shows it.
 */
const prepare = `import os
from airflow.utils import db
from airflow.utils.cli_app_builder import get_application_builder
from werkzeug.security import check_password_hash, generate_password_hash

db.upgradedb()
with get_application_builder() as builder:
    users = builder.sm
    password = os.environ["STACK_ADMIN_PASSWORD"]
    admin = users.find_user("admin")
    if admin is None:
        made = users.add_user("admin", "Admin", "Admin", "admin@localhost", users.find_role("Admin"), password)
        assert made, "the user admin could not be made"
    elif not check_password_hash(admin.password, password):
        # What resets a password there tells the browser so, and there is none.
        admin.password = generate_password_hash(password)
        assert users.update_user(admin) is not False, "the user admin could not be given its password"
`;

/**
 * Airflow 2.7 as any image with it can run it: the migration, which also makes the user `admin`, and three components.
 * DAG files are read by a part of the scheduler.
 */
export const airflowClassic: DefineService = (inputs) => {
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
        command: ["python", "-c", prepare],
        environment: { ...migrationEnv(inputs), STACK_ADMIN_PASSWORD: secretRef("AIRFLOW_ADMIN_PASSWORD") },
        depends_on: { postgres: { condition: "service_healthy" } },
        restart: "no",
      },
      "airflow-webserver": component("webserver", {
        ports: [`${host}:${ports.airflow}:8080`],
        healthcheck: httpHealthcheck("http://127.0.0.1:8080/health"),
      }),
      "airflow-scheduler": component("scheduler", {
        tmpfs: [`${classicCanaryFolder}:uid=${airflowUser},gid=0,size=1m`],
        healthcheck: heartbeat("SchedulerJob"),
      }),
      "airflow-triggerer": component("triggerer", { healthcheck: heartbeat("TriggererJob") }),
    },
    volumes: airflowStorage.volumes,
    configs: {},
  };
};
