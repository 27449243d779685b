import { lookup as lookUp } from "node:dns";
import { Agent, request, type ClientRequest, type RequestOptions } from "node:http";
import type { LookupFunction } from "node:net";
import type { Fetch } from "../lib/http.ts";

type Send = (url: string, options: RequestOptions) => ClientRequest;

export interface WebFetchOptions {
  /** In PEM; trusted besides the public ones. */
  readonly authorities: string | undefined;
  /** The name that containers have for this machine, which it doesn't know itself. */
  readonly ownName: string;
  /** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as clients in containers read theirs. */
  readonly env: NodeJS.ProcessEnv;
}

/** A fetch for the stack's own ports on this machine. The platform's one takes a twentieth of a second to load. */
export function createLocalFetch(): Fetch {
  const agent = new Agent();
  return async (url, init) => await exchange((...args) => request(...args), url, { ...init, agent });
}

/** A fetch for servers elsewhere: with authorities of the user's, through his proxy, and with no redirect followed. */
export function createWebFetch({ authorities, ownName, env }: WebFetchOptions): Fetch {
  const lookup: LookupFunction = (hostname, options, callback) => {
    lookUp(hostname === ownName ? "localhost" : hostname, options, callback);
  };
  const agent = new Agent({ lookup, proxyEnv: env });
  const loading = Promise.all([import("node:https"), import("node:tls")]).then(([https, tls]) => {
    const ca = authorities === undefined ? {} : { ca: [...tls.rootCertificates, authorities] };
    return { request: https.request, agent: new https.Agent({ lookup, proxyEnv: env, ...ca }) };
  });
  return async (url, init) => {
    if (!url.startsWith("https:")) {
      return await exchange((...args) => request(...args), url, { ...init, agent });
    }
    const https = await loading;
    return await exchange((...args) => https.request(...args), url, { ...init, agent: https.agent });
  };
}

type Init = Parameters<Fetch>[1] & Pick<RequestOptions, "agent">;

async function exchange(send: Send, url: string, { body, ...options }: Init): ReturnType<Fetch> {
  return await new Promise((resolve, reject) => {
    const sent = send(url, options);
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          text: async () => await Promise.resolve(text),
        });
      });
    });
    sent.end(body);
  });
}
