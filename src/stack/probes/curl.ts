import type { BatchResult } from "./batch.ts";
import { failed, type Verdict } from "./probe-types.ts";

export interface CurlRequest {
  readonly url: string;
  readonly method?: "POST";
  readonly body?: string;
  /** Login and password, or an access key and its secret with `isSigned`. */
  readonly user?: readonly [string, string];
  /** Whether the request is signed as S3 wants it. */
  readonly isSigned?: boolean;
  readonly bearer?: string;
  /** A file in the container with the authorities to trust. */
  readonly authorities?: string | undefined;
}

export interface CurlAnswer {
  /** curl's own exit code; 127 when the container has no curl or no bash. */
  readonly exitCode: number;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly body: string;
  readonly error: string;
}

/** A command for a container. Credentials go by an environment variable and a pipe: no process list shows them. */
export interface ContainerCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const script = `exec curl --silent --show-error --max-time 5 --write-out '\\n%{http_code}' --globoff --config <(printf '%s' "$PROBE_CONFIG") --url "$1"`;

/** Calls a URL from inside a container without starting an interpreter. */
export function curlCommand(request: CurlRequest): ContainerCommand {
  const { url, method, body, user, isSigned, bearer, authorities } = request;
  const config = [
    ...(method === undefined
      ? []
      : [option("request", method), option("header", "Content-Type: application/json")]),
    ...(body === undefined ? [] : [option("data", body)]),
    ...(user === undefined ? [] : [option("user", user.join(":"))]),
    ...(isSigned === true ? [option("aws-sigv4", "aws:amz:us-east-1:s3")] : []),
    ...(authorities === undefined ? [] : [option("cacert", authorities)]),
    ...(bearer === undefined ? [] : [option("header", `Authorization: Bearer ${bearer}`)]),
  ];
  return { command: ["bash", "-c", script, "probe", url], env: { PROBE_CONFIG: config.join("\n") } };
}

/** In one line, whatever the value: the next one would be another option. */
function option(name: string, value: string): string {
  const escaped = value
    .replaceAll(/["\\]/gu, String.raw`\$&`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
  return `${name} = "${escaped}"`;
}

export function curlAnswerFrom({ exitCode, output }: Pick<BatchResult, "exitCode" | "output">): CurlAnswer {
  const at = output.lastIndexOf("\n");
  const text = output.slice(0, Math.max(at, 0));
  const status = Number(output.slice(at + 1));
  return exitCode === 0
    ? { exitCode, status, body: text, error: "" }
    : { exitCode, status: 0, body: "", error: text.trim() };
}

/** A verdict on hops that didn't get as far as an answer; undefined when there is one. */
export function judgeConnection(answer: CurlAnswer, url: string): Verdict | undefined {
  switch (answer.exitCode) {
    case 0:
      return undefined;
    case 126:
    case 127:
      return {
        outcome: "unknown",
        cause: undefined,
        detail: "the container has no bash or curl to ask with",
        fix: "",
      };
    case 6:
      return failed(
        "name-not-resolved",
        answer.error,
        `Check the host name in ${url}; it has to be a service of the stack, or a name that containers can resolve.`,
      );
    case 7:
      return failed(
        "connection-refused",
        answer.error,
        `Nothing listens at ${url}; check its host and port.`,
      );
    case 28:
    // Not even the command that asks has ended.
    case 124:
      return failed("no-answer", answer.error, `Look at the log of the service behind ${url}.`);
    case 60:
      return /expired/u.test(answer.error)
        ? failed(
            "certificate-expired",
            answer.error,
            `Have whoever runs what answers at ${url} renew its certificate.`,
          )
        : failed(
            "certificate-untrusted",
            answer.error,
            "Name the PEM file of the authority that signed it under mlflow.ca_file in stack.yaml; the host in mlflow.url has to be one that the certificate is for.",
          );
    default:
      return failed("unexpected-answer", answer.error, `Look at the log of the service behind ${url}.`);
  }
}

export function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 200) ?? "";
}
