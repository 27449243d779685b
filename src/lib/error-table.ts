interface ErrorKind {
  /** The exit status of the command that ends with this code. */
  readonly status: number;
  /** One sentence for docs/errors.md. */
  readonly meaning: string;
}

/** Every code a command can end with; docs/errors.md is generated from this table. */
export const errorTable = {
  COMPOSE_FAILED: {
    status: 1,
    meaning: "Docker Compose itself ended with an error; its command, exit code and last lines are shown.",
  },
  PORT_TAKEN: {
    status: 1,
    meaning: "A port the stack publishes on this machine is already used by another process or container.",
  },
  NAME_TAKEN: {
    status: 1,
    meaning: "A container or network that the stack did not make has the name of one that it needs.",
  },
  IMAGE_UNAVAILABLE: {
    status: 1,
    meaning: "An image is neither on the engine nor to be had from a registry, and it could not be built.",
  },
  BUILD_FAILED: {
    status: 1,
    meaning: "Building an image failed; the image, the step and its last lines are shown.",
  },
  DOWNLOAD_FAILED: {
    status: 1,
    meaning: "Building an image failed because a download did; the step, from where, and why are shown.",
  },
  REQUIREMENTS_CONFLICT: {
    status: 1,
    meaning:
      "The project's requirements.txt asks for what doesn't go with the packages of the Airflow image; the resolver's own words are shown, and what was running goes on.",
  },
  SEED_FAILED: {
    status: 1,
    meaning: "A seed step failed, so the stack does not have all of its starting contents.",
  },
  DAG_IMPORT_FAILED: {
    status: 1,
    meaning: "Airflow could not import a DAG file; the file, the line and the Python error are shown.",
  },
  DAG_RUN_FAILED: {
    status: 1,
    meaning: "A DAG run ended in a failed state; the failed task and the end of its log are shown.",
  },
  VERIFY_FAILED: {
    status: 1,
    meaning: "A DAG run succeeded, but what it should have left in MLflow or the bucket is missing or wrong.",
  },
  DATASET_INVALID: {
    status: 1,
    meaning: "The data file given to `stack seed` cannot be read as the data set it should hold.",
  },
  AIRFLOW_REFUSED: {
    status: 1,
    meaning:
      "Airflow's API answered a request with an error, or with something this version does not understand.",
  },
  MLFLOW_REFUSED: {
    status: 1,
    meaning:
      "MLflow's API answered a request with an error, or with something this version does not understand.",
  },
  MLFLOW_UNREACHABLE: {
    status: 1,
    meaning:
      "Nothing answers at MLflow's URL: its name doesn't resolve, nothing listens there, or it says nothing.",
  },
  MLFLOW_URL_WRONG: {
    status: 1,
    meaning: "Something answers at the URL of MLflow, but it is another service or another path.",
  },
  MLFLOW_LOGIN_REFUSED: {
    status: 1,
    meaning: "MLflow does not take the login and password, or the token, that it was given.",
  },
  MLFLOW_HOST_NOT_ALLOWED: {
    status: 1,
    meaning: "MLflow answers 403 because the host name in its URL is not on its list of allowed hosts.",
  },
  MLFLOW_METHOD_REFUSED: {
    status: 1,
    meaning: "What answers at MLflow's URL takes no POST there (405), as a page or a redirect does.",
  },
  MLFLOW_CERTIFICATE_EXPIRED: { status: 1, meaning: "The TLS certificate that MLflow shows has expired." },
  MLFLOW_CERTIFICATE_UNTRUSTED: {
    status: 1,
    meaning: "The TLS certificate that MLflow shows is signed by nobody trusted, or is for another name.",
  },
  MLFLOW_PASSWORD_MISSING: {
    status: 2,
    meaning:
      "The password or token for an MLflow elsewhere is neither set nor remembered; nothing was touched.",
  },
  STORAGE_REFUSED: {
    status: 1,
    meaning: "The object store refused a request, for example because the credentials do not allow it.",
  },
  BUCKET_NOT_FOUND: { status: 1, meaning: "The bucket does not exist in the object store." },
  FILE_UNWRITABLE: { status: 1, meaning: "A file or folder of the project could not be written." },
  USAGE: {
    status: 2,
    meaning:
      "The command line is wrong, names something that is not there, or lacks a yes; nothing was touched.",
  },
  CONFIG_INVALID: {
    status: 2,
    meaning:
      "A setting (in stack.yaml, the environment or a flag) or one of the project's own files has a wrong name or value; nothing was touched.",
  },
  CONFIG_NOT_FOUND: {
    status: 2,
    meaning: "The project folder or configuration file that was named does not exist; nothing was touched.",
  },
  NODE_TOO_OLD: { status: 3, meaning: "Node.js is older than the oldest version that `stack` runs on." },
  ENGINE_UNREACHABLE: {
    status: 3,
    meaning: "No Docker engine can be used: none runs, it is not open to this user, or TLS or SSH refuses.",
  },
  ENGINE_TOO_OLD: {
    status: 3,
    meaning: "The Docker engine is older than the oldest version the stack works with.",
  },
  COMPOSE_MISSING: { status: 3, meaning: "The `docker compose` plugin is not installed." },
  COMPOSE_TOO_OLD: {
    status: 3,
    meaning: "The `docker compose` plugin is older than the oldest version the stack works with.",
  },
  BUILDX_MISSING: {
    status: 3,
    meaning: "An image has to be built, and the `docker buildx` plugin that builds it is not installed.",
  },
  MACHINE_NOT_READY: {
    status: 3,
    meaning:
      "Something on this machine keeps the stack from working; `stack doctor` lists what, with the fixes.",
  },
  DISK_LOW: { status: 3, meaning: "The engine's disk has less free space than the stack needs." },
  DISK_FULL: {
    status: 3,
    meaning: "The engine's disk ran full while the command was at work; what failed of it is shown.",
  },
  MEMORY_LOW: { status: 3, meaning: "The engine has less memory than the stack needs." },
  STACK_NOT_RUNNING: {
    status: 5,
    meaning: "The command needs a running stack, and this project's stack is down.",
  },
  STACK_PAUSED: {
    status: 4,
    meaning: "The stack is paused: its containers are frozen, and nothing answers until they are resumed.",
  },
  STACK_BUSY: {
    status: 1,
    meaning:
      "Another command is changing this project's stack; the message names it and its process. Nothing was touched.",
  },
  STACK_DAMAGED: {
    status: 4,
    meaning:
      "Something about this project's stack is not as it should be; `stack doctor` lists what, with the fixes.",
  },
  SECRETS_LOST: {
    status: 4,
    meaning: "The key to what Airflow keeps encrypted is lost; the message names what. Nothing was deleted.",
  },
  SECRETS_UNSETTLED: {
    status: 4,
    meaning: "A service could not be given the stack's secrets; the next `stack up` goes on from there.",
  },
  SERVICE_UNHEALTHY: {
    status: 4,
    meaning: "A service exited or its healthcheck failed for good; the end of its log is shown.",
  },
  PROBE_FAILED: {
    status: 4,
    meaning: "Every service is healthy, but one of them cannot reach another that it depends on.",
  },
  WAIT_TIMEOUT: {
    status: 4,
    meaning: "What was waited for did not happen in time; the message names what was still missing.",
  },
  INTERNAL: {
    status: 70,
    meaning: "A bug in `stack`, printed with its stack trace; please report it.",
  },
  INTERRUPTED: {
    status: 130,
    meaning:
      "The command was interrupted, by Ctrl-C (130), SIGTERM (143) or SIGHUP (129); what had been started stays as it is.",
  },
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ErrorCode = keyof typeof errorTable;
