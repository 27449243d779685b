import { describe, expect, test } from "vitest";
import { bucketHop, databaseHop, executionHop, type Hop } from "../../../../src/stack/probes/hops.ts";

const env = {
  MLFLOW_S3_ENDPOINT_URL: "http://minio:9000",
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "s3cret",
  AIRFLOW__CORE__EXECUTION_API_SERVER_URL: "http://airflow:8080/execution/",
};

function judge({ judge: verdict }: Hop, status: number, body = "") {
  return verdict({ exitCode: 0, output: `${body}\n${status}` });
}

const s3Error = (code: string) => `<Error><Code>${code}</Code></Error>`;

describe("to the bucket", () => {
  const hop = bucketHop(env, "mlflow");

  test("is signed with the keys that the container was given", () => {
    expect(hop.call.command.at(-1)).toBe("http://minio:9000/mlflow?list-type=2&max-keys=1");
    expect(hop.call.env["PROBE_CONFIG"]).toContain('user = "key:s3cret"');
  });

  test.each([
    [200, "<ListBucketResult/>", "ok", undefined],
    [404, s3Error("NoSuchBucket"), "failed", "bucket-missing"],
    [403, s3Error("InvalidAccessKeyId"), "failed", "bad-credentials"],
    [403, s3Error("SignatureDoesNotMatch"), "failed", "bad-credentials"],
    [403, s3Error("AccessDenied"), "failed", "bad-credentials"],
    [403, s3Error("RequestTimeTooSkewed"), "failed", "clock-skew"],
    [503, "", "failed", "unexpected-answer"],
  ])("%i %j is %s: %s", (status, body, outcome, cause) => {
    expect(judge(hop, status, body)).toMatchObject({ outcome, cause });
  });
});

describe("to the database", () => {
  test.each([
    [0, "", "ok", undefined],
    [2, 'psql: error: FATAL:  role "mlflow" is not permitted to log in', "failed", "login-locked"],
    [2, 'FATAL:  password authentication failed for user "mlflow"', "failed", "bad-credentials"],
    [2, 'could not translate host name "postgres" to address', "failed", "name-not-resolved"],
    [2, "connection to server failed: Connection refused", "failed", "connection-refused"],
    [1, "out of cheese", "failed", "unexpected-answer"],
    [127, "bash: psql: not found", "unknown", undefined],
  ])("exit code %i with %j is %s: %s", (exitCode, stderr, outcome, cause) => {
    expect(databaseHop("mlflow").judge({ exitCode, output: stderr })).toMatchObject({ outcome, cause });
  });
});

describe("to the execution API", () => {
  const hop = executionHop(env, "t0ken");

  test("carries the token as a task would, and asks for what changes nothing", () => {
    expect(hop.call.command.at(-1)).toBe(
      "http://airflow:8080/execution/dag-runs/count?dag_id=__stack_probe__",
    );
    expect(hop.call.env["PROBE_CONFIG"]).toBe('header = "Authorization: Bearer t0ken"');
  });

  test.each([
    [200, "ok", undefined],
    [401, "failed", "secret-mismatch"],
    [403, "failed", "secret-mismatch"],
    [404, "failed", "unexpected-answer"],
  ])("%i is %s: %s", (status, outcome, cause) => {
    expect(judge(hop, status)).toMatchObject({ outcome, cause });
  });
});

test("every failure has a fix and every success none", () => {
  for (const hop of [bucketHop(env, "mlflow"), executionHop(env, "t")]) {
    for (const status of [401, 403, 404, 500]) expect(judge(hop, status).fix).not.toBe("");
    expect(judge(hop, 200).fix).toBe("");
  }
});
