/** The stack's own MLflow, one that runs elsewhere, or a Databricks workspace. */
export const mlflowModes = ["local", "remote", "databricks"] as const;
export type MlflowMode = (typeof mlflowModes)[number];

/** Whether the stack's own MLflow asks for a login. */
export const mlflowAuths = ["basic", "none"] as const;

/** Holds the password of an MLflow elsewhere, for which there is no setting. */
export const passwordVariable = "STACK_MLFLOW_PASSWORD";

export type MlflowSpec = OwnMlflow | MlflowElsewhere;

/** The one that the stack runs. */
export interface OwnMlflow {
  readonly mode: "local";
  readonly auth: (typeof mlflowAuths)[number];
}

/** An MLflow that the stack uses and doesn't run. */
export interface MlflowElsewhere {
  readonly mode: "remote" | "databricks";
  /** As containers reach it, without a slash at its end. */
  readonly url: string;
  /** With "token" the password is a bearer token; undefined for an MLflow that asks for no login. */
  readonly login: string | undefined;
  /** The file that holds the password or the token; relative to the project. */
  readonly passwordFile: string | undefined;
  /** A PEM file with the certificates that sign the server's; relative to the project. */
  readonly caFile: string | undefined;
  /** Where experiments are made: empty, or a folder of the workspace. */
  readonly experimentFolder: string;
}

/** This login means that the password is a bearer token, to airflow-provider-mlflow as well. */
export const tokenLogin = "token";

/** Undefined while the stack runs its own MLflow. */
export function elsewhereOf({ mlflow }: { readonly mlflow: MlflowSpec }): MlflowElsewhere | undefined {
  return mlflow.mode === "local" ? undefined : mlflow;
}

/** The variable that makes Airflow's connection to MLflow; a project may have one of its own. */
export const mlflowConnection = "AIRFLOW_CONN_MLFLOW_DEFAULT";

/** The users of the stack's own MLflow: one for people, and one for tasks and `stack` itself. */
export const ownUsers = { admin: "admin", tasks: "mlflow" } as const;

export interface MlflowLogin {
  readonly user: string;
  readonly secret: "MLFLOW_PASSWORD" | "MLFLOW_ELSEWHERE_PASSWORD";
}

/** How tasks and `stack` log in; undefined for an MLflow that asks for no login. */
export function loginOf({ mlflow }: { readonly mlflow: MlflowSpec }): MlflowLogin | undefined {
  if (mlflow.mode === "local") {
    return mlflow.auth === "none" ? undefined : { user: ownUsers.tasks, secret: "MLFLOW_PASSWORD" };
  }
  return mlflow.login === undefined ? undefined : { user: mlflow.login, secret: "MLFLOW_ELSEWHERE_PASSWORD" };
}

/** Whom people log in to the stack's own MLflow as; undefined where nobody has to. */
export function ownAdminOf({ mlflow }: { readonly mlflow: MlflowSpec }): string | undefined {
  return mlflow.mode === "local" && mlflow.auth === "basic" ? ownUsers.admin : undefined;
}

/** The name of an experiment where it is made; Databricks has a folder in front of it. */
export function experimentPath(elsewhere: MlflowElsewhere | undefined, name: string): string {
  const folder = elsewhere?.experimentFolder ?? "";
  return folder === "" ? name : `${folder}/${name}`;
}

/** How containers name the machine that the engine runs on. */
export const machineFromContainers = "host.docker.internal";

/** The URL for people on this machine, where the name that containers use for it means nothing. */
export function urlForPeople(url: string): string {
  const parsed = new URL(url);
  if (parsed.hostname !== machineFromContainers) return url;
  parsed.hostname = "localhost";
  return parsed.href.replace(/\/$/u, "");
}
