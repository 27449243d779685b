import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { requestJson, type Fetch } from "../../../src/lib/http.ts";

const TIMEOUT_MS = 1_000;
const url = "http://mlflow.test/api";

/** A server that answers every request with what it was sent. */
const echo: Fetch = async (to, { method, headers, body }) => ({
  status: 200,
  text: async () => JSON.stringify({ to, method, headers, body }),
});

function answering(status: number, text: string): Fetch {
  return async () => ({ status, text: async () => text });
}

/** A server that never answers; like the platform's fetch, it gives up only on its signal. */
const silent: Fetch = async (_url, { signal }) => {
  await once(signal, "abort");
  throw signal.reason;
};

describe("a request", () => {
  test("is a GET for JSON when it has no body", async () => {
    const { json } = await sent({});
    expect(json).toEqual({ to: url, method: "GET", headers: { accept: "application/json" } });
  });

  test("is a POST of JSON when it has a body", async () => {
    const { json } = await sent({ body: { name: "Scaler" } });
    expect(json).toMatchObject({
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"Scaler"}',
    });
  });

  test("uses the method and headers it is told to", async () => {
    const { json } = await sent({ method: "PATCH", headers: { authorization: "Bearer t" }, body: {} });
    expect(json).toMatchObject({ method: "PATCH", headers: { authorization: "Bearer t" } });
  });

  async function sent(request: Pick<Parameters<typeof requestJson>[0], "method" | "headers" | "body">) {
    const result = await requestJson({ fetch: echo, url, timeoutMs: TIMEOUT_MS, ...request });
    if (result.kind !== "response") throw new Error(result.message);
    return result;
  }
});

describe("an answer", () => {
  test("of any status is a response", async () => {
    const result = await requestJson({
      fetch: answering(404, '{"detail":"no"}'),
      url,
      timeoutMs: TIMEOUT_MS,
    });
    expect(result).toEqual({
      kind: "response",
      status: 404,
      text: '{"detail":"no"}',
      json: { detail: "no" },
    });
  });

  test.each(["", "<html>"])("that is not JSON keeps its text: %j", async (text) => {
    const result = await requestJson({ fetch: answering(502, text), url, timeoutMs: TIMEOUT_MS });
    expect(result).toEqual({ kind: "response", status: 502, text, json: undefined });
  });
});

describe("no answer", () => {
  test("in time is a timeout", async () => {
    const result = await requestJson({ fetch: silent, url, timeoutMs: 5 });
    expect(result).toMatchObject({ kind: "timeout", message: "no answer within 0.005 s" });
  });

  test("before the signal aborts is an interruption", async () => {
    const controller = new AbortController();
    const waiting = requestJson({ fetch: silent, url, timeoutMs: TIMEOUT_MS, signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test.each([
    ["ECONNREFUSED", "refused"],
    ["ENOTFOUND", "unknown-host"],
    ["EAI_AGAIN", "unknown-host"],
    ["ECONNRESET", "closed"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
    ["EHOSTUNREACH", "network"],
  ])("for %s is of kind %s", async (code, kind) => {
    const system = Object.assign(new Error(`connect ${code}`), { code });
    const fetch: Fetch = () => Promise.reject(new TypeError("fetch failed", { cause: system }));
    const result = await requestJson({ fetch, url, timeoutMs: TIMEOUT_MS });
    expect(result).toMatchObject({ kind, message: `connect ${code}` });
  });

  test("on any address of a host is told by what the addresses said", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED ::1:5000"), { code: "ECONNREFUSED" });
    const fetch: Fetch = () =>
      Promise.reject(new TypeError("fetch failed", { cause: new AggregateError([refused, refused]) }));
    const result = await requestJson({ fetch, url, timeoutMs: TIMEOUT_MS });
    expect(result).toMatchObject({ kind: "refused", message: "connect ECONNREFUSED ::1:5000" });
  });

  test("from a closed port is what the platform's own fetch reports as refused", async () => {
    const result = await requestJson({
      fetch,
      url: `http://127.0.0.1:${await closedPort()}`,
      timeoutMs: TIMEOUT_MS,
    });
    expect(result).toMatchObject({ kind: "refused" });
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
