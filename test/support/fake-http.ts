import type { Fetch } from "../../src/lib/http.ts";

export interface FakeRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, parsed. */
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status?: number;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
}

export interface FakeServer {
  readonly fetch: Fetch;
  /** Every request so far, in order. */
  readonly requests: readonly FakeRequest[];
}

/** A web server in memory; what `answer` throws is a connection that fails. */
export function createFakeServer(answer: (request: FakeRequest) => FakeAnswer): FakeServer {
  const requests: FakeRequest[] = [];
  const fetch: Fetch = async (url, { method, headers, body, signal }) => {
    signal.throwIfAborted();
    const { pathname, search } = new URL(url);
    const request = {
      method,
      path: pathname + search,
      headers,
      body: body === undefined ? undefined : JSON.parse(body),
    };
    requests.push(request);
    const { status = 200, body: answered = null } = answer(request);
    const text = typeof answered === "string" ? answered : JSON.stringify(answered);
    return { status, text: async () => text };
  };
  return { fetch, requests };
}

/** What a fetch rejects with when nothing listens. */
export function connectionRefused(): Error {
  const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), { code: "ECONNREFUSED" });
  return new TypeError("fetch failed", { cause });
}
