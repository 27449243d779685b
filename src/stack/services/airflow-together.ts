import { airflowService, airflowStorage, outlivesAirflow, passwordsMount } from "./airflow-common.ts";
import { healthcheck } from "./healthcheck.ts";
import type { DefineService } from "./service.ts";

// The launcher touches the file every few seconds while all four components are healthy.
const isFresh = "touched=$(stat -c %Y /tmp/stack/healthy) && test $(( $(date +%s) - touched )) -lt 30";

/**
 * Airflow's four components forked from one import, in one container that waits for its database by itself
 * and migrates it only when needed: it starts at once with everything else.
 */
export const airflowTogether: DefineService = (inputs) => ({
  services: {
    airflow: {
      ...airflowService(inputs),
      hostname: "airflow",
      command: ["stack-launcher"],
      depends_on: outlivesAirflow(inputs.spec),
      ports: [`${inputs.spec.host}:${inputs.spec.ports.airflow}:8080`],
      configs: [passwordsMount],
      healthcheck: healthcheck({ test: isFresh }),
    },
  },
  ...airflowStorage,
});
