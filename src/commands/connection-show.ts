import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { connectionForms, type ConnectionForms } from "../stack/connection/connection-forms.ts";
import { findMlflowPassword } from "../stack/mlflow-password.ts";
import { elsewhereOf } from "../stack/mlflow-spec.ts";
import { readSecrets } from "../stack/stack-folder.ts";

/** The connection `mlflow_default` as the settings make it. Throws STACK_NOT_RUNNING while its password isn't made yet. */
export async function connectionShow(context: Context, isRevealed: boolean): Promise<ConnectionForms> {
  const { env, askSecret } = context;
  const [project, files] = await Promise.all([context.project(), context.files()]);
  const secrets = await readSecrets(files);
  const { spec } = project;
  if (secrets === undefined && isRevealed && elsewhereOf(spec)?.login === undefined) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      "The connection has no password yet; the first start makes it.",
      {
        hint: "Start the stack with `stack up`.",
      },
    );
  }
  // Nobody is asked for what is masked.
  const password = isRevealed ? await findMlflowPassword(project, { env, files, askSecret }) : "";
  return connectionForms(
    spec,
    { MLFLOW_PASSWORD: secrets?.MLFLOW_PASSWORD ?? "", MLFLOW_ELSEWHERE_PASSWORD: password },
    isRevealed,
  );
}
