import { mlflowConnection, tokenLogin, type MlflowElsewhere } from "../mlflow-spec.ts";
import { readConnection } from "./connection.ts";
import { curlAnswerFrom, curlCommand, firstLine, judgeConnection, type CurlAnswer } from "./curl.ts";
import type { Environment, Hop } from "./hops.ts";
import { failed, passed, type Verdict } from "./probe-types.ts";

/** MLflow by the connection that hooks and operators use. */
export function mlflowHop(env: Environment, elsewhere?: MlflowElsewhere): Hop {
  const { url: base, user } = readConnection(env[mlflowConnection] ?? "");
  const [login, password] = user;
  const url = `${base}/api/2.0/mlflow/experiments/search`;
  const isToken = login === tokenLogin;
  return {
    to: mlflowName(elsewhere),
    call: curlCommand({
      url,
      method: "POST",
      body: '{"max_results": 1}',
      authorities: env["REQUESTS_CA_BUNDLE"],
      ...(isToken ? { bearer: password } : { user }),
    }),
    judge: (result) => {
      const answer = curlAnswerFrom(result);
      const fault = judgeConnection(answer, url);
      if (fault !== undefined) return fault;
      if (answer.status === 200) return isMlflow(answer) ? passed : wrongUrl(answer, url);
      return judgeRefusal(answer, url, elsewhere);
    },
  };
}

/** "mlflow" for the stack's own; one elsewhere by its host. */
export function mlflowName(elsewhere: MlflowElsewhere | undefined): string {
  return elsewhere === undefined ? "mlflow" : `mlflow at ${new URL(elsewhere.url).host}`;
}

function isMlflow({ body }: CurlAnswer): boolean {
  return body.trimStart().startsWith("{");
}

function judgeRefusal(answer: CurlAnswer, url: string, elsewhere: MlflowElsewhere | undefined): Verdict {
  const { status, body } = answer;
  const detail = `${status} ${firstLine(body)}`.trim();
  // MLflow's words for a Host header that isn't on its list; a refused login is 401, or 403 with other words.
  if (status === 403 && /host header|invalid host/iu.test(body)) {
    const { host } = new URL(url);
    const fix =
      elsewhere === undefined
        ? `Put ${host} into MLFLOW_SERVER_ALLOWED_HOSTS (\`env.mlflow\` in stack.yaml), or leave that variable to the stack.`
        : `Have whoever runs that MLflow add ${host} to its MLFLOW_SERVER_ALLOWED_HOSTS (\`mlflow server --allowed-hosts\`).`;
    return failed("host-not-allowed", detail, fix);
  }
  if (status === 401 || status === 403) {
    const fix =
      elsewhere === undefined
        ? "Leave AIRFLOW_CONN_MLFLOW_DEFAULT to the stack, or give it the login of `stack secrets MLFLOW_PASSWORD` (it is set in .env or under `env.airflow` in stack.yaml); or have MLflow ask for none, with `mlflow: { auth: none }` in stack.yaml."
        : "Correct mlflow.login in stack.yaml, and the password in STACK_MLFLOW_PASSWORD or the file under mlflow.password_file; then run `stack up`.";
    return failed("bad-credentials", detail, fix);
  }
  if (elsewhere === undefined) {
    return failed("unexpected-answer", detail, "See `docker compose -f .stack/compose.yaml logs mlflow`.");
  }
  if (status === 405) return failed("method-refused", detail, wrongUrlFix);
  if (status < 400 || (status === 404 && !isMlflow(answer))) return wrongUrl(answer, url);
  return failed("unexpected-answer", detail, `Look at the log of the MLflow at ${elsewhere.url}.`);
}

const wrongUrlFix =
  "Check mlflow.url in stack.yaml: port and path have to be those of MLflow's own start page.";

function wrongUrl({ status }: CurlAnswer, url: string): Verdict {
  return failed("wrong-url", `what answers ${status} at ${url} is not MLflow's API`, wrongUrlFix);
}
