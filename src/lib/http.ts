import { interrupted } from "./errors.ts";

/** The part of the platform's `fetch` that is used here, so that tests can bring their own. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

interface FetchResponse {
  readonly status: number;
  /** Where a redirect leads, by a fetch that doesn't follow it. */
  readonly location?: string | undefined;
  text(): Promise<string>;
}

export interface JsonRequest {
  readonly fetch: Fetch;
  readonly url: string;
  /** GET without a body, POST with one, unless told. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer of any status; `json` is `undefined` when the text is not JSON. */
export interface JsonResponse {
  readonly kind: "response";
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
  readonly location: string | undefined;
}

/** No answer came; adapters map the kind to their own code. */
export interface HttpFailure {
  readonly kind:
    | "refused"
    | "timeout"
    | "unknown-host"
    | "closed"
    | "certificate-expired"
    | "certificate-untrusted"
    | "network";
  readonly message: string;
  readonly cause: unknown;
}

export type JsonResult = JsonResponse | HttpFailure;

/** Sends one request; never throws for the network's sake, and throws INTERRUPTED when `signal` aborts. */
export async function requestJson(request: JsonRequest): Promise<JsonResult> {
  const { fetch, url, timeoutMs, signal } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(
      url,
      initFromRequest(request, signal ? AbortSignal.any([signal, timeout]) : timeout),
    );
    const text = await response.text();
    const { status, location } = response;
    return { kind: "response", status, text, json: jsonFromText(text), location };
  } catch (cause) {
    if (signal?.aborted) throw interrupted(signal.reason);
    if (timeout.aborted) return { kind: "timeout", message: `no answer within ${timeoutMs / 1000} s`, cause };
    return failureFromError(cause);
  }
}

function initFromRequest(request: JsonRequest, signal: AbortSignal): FetchInit {
  const { method, headers, body } = request;
  const accept = { accept: "application/json", ...headers };
  if (body === undefined) return { method: method ?? "GET", headers: accept, signal };
  return {
    method: method ?? "POST",
    headers: { "content-type": "application/json", ...accept },
    body: JSON.stringify(body),
    signal,
  };
}

function jsonFromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const kindByCode: Readonly<Record<string, HttpFailure["kind"]>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "unknown-host",
  EAI_AGAIN: "unknown-host",
  ECONNRESET: "closed",
  EPIPE: "closed",
  UND_ERR_SOCKET: "closed",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  CERT_HAS_EXPIRED: "certificate-expired",
  CERT_NOT_YET_VALID: "certificate-untrusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate-untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate-untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "certificate-untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate-untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate-untrusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate-untrusted",
};

/** fetch wraps the system's error one or two causes deep; the innermost code says what happened. */
function failureFromError(cause: unknown): HttpFailure {
  const chain = causeChain(cause);
  const coded = chain.find((error) => codeOf(error) in kindByCode);
  const kind = kindByCode[codeOf(coded)] ?? "network";
  const message = (coded ?? chain.at(-1))?.message;
  return { kind, message: message === undefined || message === "" ? String(cause) : message, cause };
}

function causeChain(thrown: unknown): Error[] {
  if (!(thrown instanceof Error)) return [];
  const inner: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown.cause];
  return [thrown, ...inner.flatMap(causeChain)];
}

function codeOf(error: Error | undefined): string {
  return error !== undefined && "code" in error && typeof error.code === "string" ? error.code : "";
}
