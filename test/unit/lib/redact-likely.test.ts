import { describe, expect, test } from "vitest";
import { maskLikelySecrets } from "../../../src/lib/redact-likely.ts";

describe("what looks like a secret is masked", () => {
  test.each([
    ["MY_PASSWORD=hunter2", "MY_PASSWORD=***"],
    ["export API_KEY='abc'", "export API_KEY='***'"],
    ["  aws_secret_access_key: abc/def+g", "  aws_secret_access_key: ***"],
    ['{"accessToken": "abc", "name": "mlflow"}', '{"accessToken": "***", "name": "mlflow"}'],
    ['password="a b" x', 'password="***" x'],
    ["secret: 'it; is' # no more", "secret: '***' # no more"],
    ["postgresql://me:hunter2@db:5432/x", "postgresql://***@db:5432/x"],
    ["postgresql+psycopg2://me:hunter2@db/x?y=z", "postgresql+psycopg2://***@db/x?y=z"],
    ["http://:tok@host", "http://***@host"],
    ["Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***"],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"],
    ["got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln now", "got *** now"],
    ["key AKIAIOSFODNN7EXAMPLE.", "key ***."],
    [
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
      "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
    ],
    ["-----BEGIN PRIVATE KEY-----\ncut off", "-----BEGIN PRIVATE KEY-----***"],
  ])("%s", (text, expected) => {
    expect(maskLikelySecrets(text)).toBe(expected);
  });
});

test.each([
  "the service mlflow is healthy",
  "MINIO_ROOT_PASSWORD: ${STACK_SECRET_MINIO_ROOT_PASSWORD}",
  "http://localhost:8080/dags?x=1 and user@example.org",
  "2026-01-02T03:04:05Z INFO tokens are counted",
])("nothing is masked in: %s", (text) => {
  expect(maskLikelySecrets(text)).toBe(text);
});
