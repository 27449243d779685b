import type { ConfigMount } from "../compose-types.ts";
import { confined } from "./containment.ts";
import { secretRef } from "../secrets.ts";
import { healthcheck } from "./healthcheck.ts";
import { extraEnv, literal, type DefineService, type ServiceDefinition } from "./service.ts";

// Sourced once, by the image's own first start, on an empty data folder.
const createDatabases = `set -eu
for name in airflow mlflow; do
  case $name in airflow) password=$AIRFLOW_DB_PASSWORD ;; mlflow) password=$MLFLOW_DB_PASSWORD ;; esac
  psql --quiet --set ON_ERROR_STOP=1 --username postgres <<SQL
CREATE ROLE $name LOGIN PASSWORD '$password';
CREATE DATABASE $name OWNER $name;
REVOKE CONNECT ON DATABASE $name FROM PUBLIC;
SQL
done
`;

// Read at each start, so that it also holds for databases of earlier releases. Roles of the user's own may enter what
// PostgreSQL lets them.
const databaseAccess = `local all all trust
host sameuser airflow,mlflow all scram-sha-256
host all airflow,mlflow all reject
host all all all scram-sha-256
`;

const initScript = "/docker-entrypoint-initdb.d/10-databases.sh";
const accessFile = "/run/postgresql/pg_hba.conf";
const server = ["postgres", "-c", `hba_file=${accessFile}`];

/** Compose can't put files into a container that is read-only: ours writes them itself, to memory. */
const begin = `cat >${initScript} <<'END'
${createDatabases}END
cat >${accessFile} <<'END'
${databaseAccess}END
exec docker-entrypoint.sh ${server.join(" ")}`;

/** One PostgreSQL server with a database and a role for Airflow, and a database and a role for MLflow. */
export const postgres: DefineService = (inputs) => {
  const isOurs = inputs.spec.images.postgres === undefined;
  return {
    services: {
      postgres: {
        ...confined(inputs, "postgres"),
        hostname: "postgres",
        command: isOurs ? ["bash", "-ec", literal(begin)] : server,
        environment: {
          POSTGRES_PASSWORD: secretRef("POSTGRES_PASSWORD"),
          AIRFLOW_DB_PASSWORD: secretRef("AIRFLOW_DB_PASSWORD"),
          MLFLOW_DB_PASSWORD: secretRef("MLFLOW_DB_PASSWORD"),
          ...extraEnv(inputs, "postgres"),
        },
        volumes: ["postgres-data:/var/lib/postgresql/data"],
        ...(isOurs ? {} : { configs: fileMounts }),
        // Over TCP: while the first start still creates databases, the server listens on its socket alone.
        healthcheck: healthcheck({ test: "pg_isready --host=127.0.0.1 --username=postgres" }),
      },
    },
    volumes: ["postgres-data"],
    configs: isOurs ? {} : files,
  };
};

const fileMounts: readonly ConfigMount[] = [
  { source: "create-databases", target: initScript, mode: 0o444 },
  { source: "database-access", target: accessFile, mode: 0o444 },
];
const files: ServiceDefinition["configs"] = {
  "create-databases": { content: literal(createDatabases) },
  "database-access": { content: databaseAccess },
};
