import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { lookup as lookUp } from "node:dns";
import type { LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";
import type { Fetch } from "../lib/http.ts";

export interface WebFetchOptions {
  /** In PEM; trusted besides the public ones. */
  readonly authorities: string | undefined;
  /** The name that containers have for this machine, which it doesn't know itself. */
  readonly ownName: string;
  /** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as clients in containers read theirs. */
  readonly env: NodeJS.ProcessEnv;
}

/** A fetch for servers elsewhere: with authorities of the user's, through his proxy, and with no redirect followed. */
export function createWebFetch({ authorities, ownName, env }: WebFetchOptions): Fetch {
  const lookup: LookupFunction = (hostname, options, callback) => {
    lookUp(hostname === ownName ? "localhost" : hostname, options, callback);
  };
  const ca = authorities === undefined ? {} : { ca: [...rootCertificates, authorities] };
  const https = new HttpsAgent({ lookup, proxyEnv: env, ...ca });
  const http = new HttpAgent({ lookup, proxyEnv: env });
  return async (url, { method, headers, body, signal }) =>
    await new Promise((resolve, reject) => {
      const options = { method, headers, signal };
      const sent = url.startsWith("https:")
        ? requestHttps(url, { ...options, agent: https })
        : requestHttp(url, { ...options, agent: http });
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
