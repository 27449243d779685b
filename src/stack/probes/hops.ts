import { clockHint, tellsOfClocks } from "../clock-skew.ts";
import type { BatchResult } from "./batch.ts";
import { postgresLogin } from "../services/postgres-login.ts";
import { curlAnswerFrom, curlCommand, firstLine, judgeConnection, type ContainerCommand } from "./curl.ts";
import { failed, passed, type Verdict } from "./probe-types.ts";

/** A call from a container, and what its outcome means. */
export interface Hop {
  readonly to: string;
  readonly call: ContainerCommand;
  readonly judge: (result: Pick<BatchResult, "exitCode" | "output">) => Verdict;
}

export type Environment = Readonly<Record<string, string>>;

/** The bucket, with the keys and the endpoint that the container was given. */
export function bucketHop(env: Environment, bucket: string): Hop {
  const url = `${env["MLFLOW_S3_ENDPOINT_URL"] ?? ""}/${bucket}?list-type=2&max-keys=1`;
  const user = [env["AWS_ACCESS_KEY_ID"] ?? "", env["AWS_SECRET_ACCESS_KEY"] ?? ""] as const;
  return {
    to: "s3",
    call: curlCommand({ url, user, isSigned: true }),
    judge: (result) => {
      const answer = curlAnswerFrom(result);
      const fault = judgeConnection(answer, url);
      if (fault !== undefined || answer.status === 200) return fault ?? passed;
      const code = /<Code>(\w+)<\/Code>/u.exec(answer.body)?.[1] ?? String(answer.status);
      if (code === "NoSuchBucket") {
        return failed(
          "bucket-missing",
          `the bucket ${bucket} doesn't exist`,
          "Run `stack up`, which tells of it once more and makes it again; what was in it is gone.",
        );
      }
      if (/^(?:SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied)$/u.test(code)) {
        return failed(
          "bad-credentials",
          `S3 answers ${code}`,
          "The container's AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY aren't those of the stack's user; `stack down`, then `stack up` sets them right.",
        );
      }
      if (tellsOfClocks(code)) {
        return failed(
          "clock-skew",
          `S3 answers ${code}: the container's clock differs from the object store's`,
          clockHint,
        );
      }
      return failed(
        "unexpected-answer",
        `S3 answers ${code}`,
        "See `docker compose -f .stack/compose.yaml logs minio`.",
      );
    },
  };
}

/** Whose login to its database, and the variable that holds it as a URL. */
const databaseLogins = {
  mlflow: "MLFLOW_BACKEND_STORE_URI",
  airflow: "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
} as const;

/** A service's own database login, new each time: connections that it holds already outlive a locked role. */
export function databaseHop(role: keyof typeof databaseLogins): Hop {
  const variable = databaseLogins[role];
  const script = `${postgresLogin(variable)}\nexec psql -Atqc 'select 1'`;
  return {
    to: "database",
    call: { command: ["bash", "-c", script], env: {} },
    judge: ({ exitCode, output }) => {
      if (exitCode === 0) return passed;
      if (exitCode === 126 || exitCode === 127) {
        return {
          outcome: "unknown",
          cause: undefined,
          detail: "the container has no bash or psql to ask with",
          fix: "",
        };
      }
      const detail = firstLine(output.replace(/^psql: error: /u, ""));
      if (/not permitted to log in/u.test(output)) {
        return failed(
          "login-locked",
          detail,
          `Unlock it: \`ALTER ROLE ${role} LOGIN\` as the user postgres.`,
        );
      }
      if (/authentication failed/u.test(output)) {
        return failed(
          "bad-credentials",
          detail,
          `The role's password isn't the stack's; set it to STACK_SECRET_${role.toUpperCase()}_DB_PASSWORD of .stack/.env.`,
        );
      }
      if (/translate host name/u.test(output))
        return failed("name-not-resolved", detail, `Check the host in ${variable}.`);
      if (/refused/u.test(output))
        return failed("connection-refused", detail, `Check host and port in ${variable}.`);
      return failed(
        "unexpected-answer",
        detail,
        "See `docker compose -f .stack/compose.yaml logs postgres`.",
      );
    },
  };
}

/** The execution API with a token signed as the scheduler would sign one for a task. */
export function executionHop(env: Environment, token: string): Hop {
  const base = (env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] ?? "").replace(/\/$/u, "");
  // Counts the runs of a DAG that isn't there: any valid token may ask, and nothing changes.
  const url = `${base}/dag-runs/count?dag_id=__stack_probe__`;
  return {
    to: "execution API",
    call: curlCommand({ url, bearer: token }),
    judge: (result) => {
      const answer = curlAnswerFrom(result);
      const fault = judgeConnection(answer, url);
      if (fault !== undefined || answer.status === 200) return fault ?? passed;
      const detail = `${answer.status} ${firstLine(answer.body)}`;
      if (answer.status === 401 || answer.status === 403) {
        return failed(
          "secret-mismatch",
          detail,
          "Scheduler and API server have different AIRFLOW__API_AUTH__JWT_SECRET, so every task would fail; leave that variable to the stack and run `stack up`.",
        );
      }
      return failed("unexpected-answer", detail, "See the API server's log.");
    },
  };
}
