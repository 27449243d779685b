import type { ErrorCode } from "../lib/error-table.ts";
import { StackError } from "../lib/errors.ts";
import type { HttpFailure, JsonResponse } from "../lib/http.ts";
import { v } from "../lib/schema.ts";
import { refusal } from "./mlflow-wire.ts";

/** Whose MLflow it is decides what the user can do about it. */
export type MlflowPlace = "here" | "elsewhere";

/** No answer, as an error that says why and what to do. */
export function unanswered(
  url: string,
  { kind, message, cause }: HttpFailure,
  place: MlflowPlace,
): StackError {
  if (kind === "certificate-expired") {
    return new StackError(
      "MLFLOW_CERTIFICATE_EXPIRED",
      `The certificate that ${url} shows has expired: ${message}.`,
      { hint: "Have whoever runs that MLflow renew it, and check this machine's clock with `date`.", cause },
    );
  }
  if (kind === "certificate-untrusted") {
    return new StackError(
      "MLFLOW_CERTIFICATE_UNTRUSTED",
      `The certificate that ${url} shows is not trusted: ${message}.`,
      {
        hint: "Name the PEM file of the authority that signed it under mlflow.ca_file in stack.yaml; the host in mlflow.url has to be one that the certificate is for.",
        cause,
      },
    );
  }
  const hint =
    place === "here"
      ? "Run `stack status` to see whether it is up."
      : "Check host and port in mlflow.url of stack.yaml, and whether that MLflow is up.";
  return new StackError("MLFLOW_UNREACHABLE", `MLflow at ${url} does not answer: ${message}.`, {
    hint,
    cause,
  });
}

/** An answer that isn't the wanted one, as an error. */
export function refused(url: string, endpoint: string, answer: JsonResponse, place: MlflowPlace): StackError {
  const { status, json, text } = answer;
  const parsed = v.safeParse(refusal, json);
  const words = parsed.success
    ? `${parsed.output.error_code} ${parsed.output.message}`.trim()
    : plainText(text);
  const who = place === "here" ? "MLflow" : `MLflow at ${url}`;
  const [code, hint] = codeOf(url, answer, parsed.success, place);
  return new StackError(code, `${who} refused ${endpoint}: ${words || "no reason given"} (${status}).`, {
    hint,
    facts: { status },
  });
}

/** An answer of status 2xx that isn't MLflow's. */
export function notMlflow(url: string, endpoint: string): StackError {
  return new StackError(
    "MLFLOW_URL_WRONG",
    `What answers at ${url} is not MLflow's API: it has no JSON for ${endpoint}.`,
    {
      hint: wrongUrlHint,
    },
  );
}

const ownLoginHint =
  "Run `stack down`, then `stack up`, which sets MLflow's users and what the stack knows of them to one password each.";
const wrongUrlHint =
  "Check mlflow.url in stack.yaml: port and path have to be those of MLflow's own start page.";

function codeOf(
  url: string,
  { status, text, location }: JsonResponse,
  isMlflow: boolean,
  place: MlflowPlace,
): readonly [ErrorCode, string | undefined] {
  // MLflow's words for a Host header that isn't on its list.
  if (status === 403 && /host header|invalid host/iu.test(text)) {
    const { host } = new URL(url);
    return [
      "MLFLOW_HOST_NOT_ALLOWED",
      place === "here"
        ? `Check MLFLOW_SERVER_ALLOWED_HOSTS: it must list ${host}.`
        : `Have whoever runs that MLflow add ${host} to its MLFLOW_SERVER_ALLOWED_HOSTS (\`mlflow server --allowed-hosts\`).`,
    ];
  }
  if (status === 401 || status === 403) {
    return [
      "MLFLOW_LOGIN_REFUSED",
      place === "here"
        ? ownLoginHint
        : "Correct mlflow.login in stack.yaml, and the password in STACK_MLFLOW_PASSWORD or the file under mlflow.password_file; then run `stack connection test`.",
    ];
  }
  if (status === 405) {
    return [
      "MLFLOW_METHOD_REFUSED",
      `What answers there takes no POST, as a page or a proxy that redirects does. ${wrongUrlHint}`,
    ];
  }
  if (status >= 300 && status < 400) {
    return [
      "MLFLOW_URL_WRONG",
      `It redirects to ${location ?? "another place"}: write the URL that it leads to as mlflow.url.`,
    ];
  }
  return status === 404 && !isMlflow ? ["MLFLOW_URL_WRONG", wrongUrlHint] : ["MLFLOW_REFUSED", undefined];
}

/** The start of a text, without a page's tags. */
function plainText(text: string): string {
  const words = text.replaceAll(/<(style|script)[^]*?<\/\1>|<[^>]*>/giu, " ").replaceAll(/\s+/gu, " ");
  return words.trim().slice(0, 200);
}
