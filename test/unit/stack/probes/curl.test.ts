import { describe, expect, test } from "vitest";
import { curlAnswerFrom, curlCommand, judgeConnection } from "../../../../src/stack/probes/curl.ts";

describe("the command", () => {
  test("shows no credentials to a process list", () => {
    const { command, env } = curlCommand({
      url: "http://minio:9000/mlflow",
      user: ["key", "s3cret"],
      isSigned: true,
      bearer: "t0ken",
    });
    expect(command.join(" ")).not.toMatch(/s3cret|t0ken/u);
    expect(env["PROBE_CONFIG"]?.split("\n")).toEqual([
      'user = "key:s3cret"',
      'aws-sigv4 = "aws:amz:us-east-1:s3"',
      'header = "Authorization: Bearer t0ken"',
    ]);
    expect(command.at(-1)).toBe("http://minio:9000/mlflow");
  });

  test("escapes what curl's configuration would read in its own way", () => {
    const { env } = curlCommand({ url: "http://x", method: "POST", body: '{"a": "b\\c"}' });
    expect(env["PROBE_CONFIG"]).toContain(String.raw`data = "{\"a\": \"b\\c\"}"`);
  });
});

test("a value with line breaks stays one option, and no URL is taken for an option or a pattern", () => {
  const { command, env } = curlCommand({ url: "-o/tmp/[1-9]", user: ["key", 'a\r\noutput = "/tmp/x"'] });
  expect(env["PROBE_CONFIG"]).toBe(String.raw`user = "key:a\r\noutput = \"/tmp/x\""`);
  expect(command[2]).toMatch(/--globoff .* --url "\$1"$/u);
});

test("the answer is the body and, on its last line, the status", () => {
  expect(curlAnswerFrom({ exitCode: 0, output: '{\n"a": 1}\n200' })).toEqual({
    exitCode: 0,
    status: 200,
    body: '{\n"a": 1}',
    error: "",
  });
});

test.each([
  [6, "name-not-resolved", "failed"],
  [7, "connection-refused", "failed"],
  [28, "no-answer", "failed"],
  [124, "no-answer", "failed"],
  [56, "unexpected-answer", "failed"],
  [126, undefined, "unknown"],
  [127, undefined, "unknown"],
])("curl's exit code %i means %s", (exitCode, cause, outcome) => {
  const answer = { exitCode, status: 0, body: "", error: "curl: why" };
  expect(judgeConnection(answer, "http://mlflow:5000")).toMatchObject({ cause, outcome });
});

test("with an answer there is nothing to say about the connection", () => {
  expect(judgeConnection({ exitCode: 0, status: 500, body: "", error: "" }, "http://x")).toBeUndefined();
});
