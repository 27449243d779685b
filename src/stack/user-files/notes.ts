import { hasOurMlflow, type StackSpec } from "../spec.ts";
import { lineVersions } from "../lines.ts";
import { mlflowConnection } from "../mlflow-spec.ts";
import { isOlder } from "../preflight.ts";
import { isSetByStack } from "../services/airflow-env.ts";
import { airflowSettingsPath } from "./airflow-settings.ts";
import type { UserFiles } from "./read-user-files.ts";

/** What of a project's files doesn't do here what it says, and why. */
export function userFileNotes(spec: StackSpec, user: UserFiles): readonly string[] {
  const { layer, objects, override } = user;
  const notes: string[] = [];
  if (user.layerFilesLeftOut.length > 0) {
    notes.push(
      `${user.layerFilesLeftOut.join(", ")} left out: images.airflow names an image, which brings its own packages`,
    );
  }
  if (
    layer?.base?.airflow !== undefined &&
    isOlder(layer.base.airflow, "3") &&
    !isOlder(spec.versions.airflow, "3")
  ) {
    notes.push(
      `Dockerfile: ${layer.base.name} is Airflow ${layer.base.airflow}; this stack runs Airflow ${spec.versions.airflow}. \`stack dags check\` lists what has to change; \`versions: classic\` in stack.yaml runs Airflow ${lineVersions("classic").airflow}`,
    );
  }
  if (
    layer?.base?.airflow !== undefined &&
    !isOlder(layer.base.airflow, "3") &&
    isOlder(spec.versions.airflow, "3")
  ) {
    notes.push(
      `Dockerfile: ${layer.base.name} is Airflow ${layer.base.airflow}; this stack runs Airflow ${spec.versions.airflow}. Without \`versions: ${spec.line}\` in stack.yaml it runs Airflow 3`,
    );
  }
  if ((layer?.leftOut.length ?? 0) > 0) {
    notes.push(`Dockerfile: ${layer?.leftOut.join(", ")} left out: the stack says how its containers start`);
  }
  const ours = (user.envNames ?? []).filter((name) => isSetByStack(spec, name));
  if (ours.length > 0) notes.push(`.env: ${ours.join(", ")} left out: the stack's own parts depend on them`);
  const { mlflow, env } = spec;
  const bringsConnection =
    user.envNames?.includes(mlflowConnection) === true || env.airflow[mlflowConnection] !== undefined;
  if (mlflow.mode === "local" && mlflow.auth === "none" && hasOurMlflow(spec) && bringsConnection) {
    notes.push(
      `MLflow asks for no login, because ${mlflowConnection} is the project's own; \`mlflow: { auth: basic }\` in stack.yaml has it ask`,
    );
  }
  if (objects.connections.some(({ id }) => id === "mlflow_default")) {
    notes.push(
      `${airflowSettingsPath}: the connection mlflow_default is the stack's own, from ${mlflowConnection}`,
    );
  }
  return [...notes, ...(override?.notes ?? [])];
}
