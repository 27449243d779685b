import type { Context } from "../context.ts";
import { findAirflow, testConnection, type TestedConnection } from "../stack/connection/connection-test.ts";
import { mlflowAccess } from "../stack/mlflow-access.ts";
import { findMlflowPassword } from "../stack/mlflow-password.ts";
import { appliedSpec } from "../stack/project.ts";
import { readSecrets } from "../stack/stack-folder.ts";

/** Calls the MLflow of the settings as they are now, whether the stack runs or not. */
export async function connectionTest(context: Context): Promise<TestedConnection> {
  const { env, askSecret, clock, signal } = context;
  const [project, files, engine] = await Promise.all([context.project(), context.files(), context.engine()]);
  const { spec, state } = project;
  const secrets = {
    ...(await readSecrets(files)),
    MLFLOW_ELSEWHERE_PASSWORD: await findMlflowPassword(project, { env, files, askSecret }),
  };
  const applied = appliedSpec(project);
  const airflow = state === undefined ? undefined : await findAirflow(applied, engine);
  const isApplied =
    airflow === undefined ? undefined : JSON.stringify(applied.mlflow) === JSON.stringify(spec.mlflow);
  return await testConnection(
    {
      spec,
      access: mlflowAccess(spec, secrets),
      containerId: isApplied === true ? airflow?.id : undefined,
      isApplied,
    },
    { engine, mlflow: await context.mlflow(spec, secrets), clock, signal },
  );
}
