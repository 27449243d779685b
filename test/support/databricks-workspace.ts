import { readFile } from "node:fs/promises";
import { createServer as createProxy, type IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Authority } from "./certificates.ts";
import type { SecondMlflow } from "./second-mlflow.ts";

/** A request as the workspace got it. */
export interface WorkspaceRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly host: string;
  readonly authorization: string;
  readonly userAgent: string;
}

/**
 * Stands in for a Databricks workspace: under its host name, by TLS, for one token, with Databricks' rules for
 * experiment names and its own store of files. Runs and models are kept by the MLflow behind it.
 */
export interface DatabricksWorkspace {
  readonly url: string;
  readonly host: string;
  readonly token: string;
  readonly proxyPort: number;
  readonly requests: readonly WorkspaceRequest[];
  /** What was refused, and what nobody has taught it. */
  readonly problems: readonly string[];
  /** By path. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Forgets what was asked so far. */
  clear(): void;
  dispose(): void;
}

const host = "dbc-a1b2c3d4-e5f6.cloud.databricks.com";
const signature = "of-this-test";
const token = "dapi0123456789abcdef0123456789abcdef";

interface Answer {
  readonly status: number;
  readonly body?: Buffer | object;
}

/** Reached through a proxy, since no name server knows its host. */
export async function startWorkspace(
  second: SecondMlflow,
  authority: Authority,
): Promise<DatabricksWorkspace> {
  const requests: WorkspaceRequest[] = [];
  const problems: string[] = [];
  const files = new Map<string, Buffer>();

  const answer = async (request: IncomingMessage, body: Buffer): Promise<Answer> => {
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "/", `https://${host}`);
    const { host: asked = "", authorization = "", "user-agent": userAgent = "" } = headers;
    // The SDK looks for it before it logs in; a workspace of the usual kind has none.
    if (url.pathname === "/.well-known/databricks-config") return { status: 404, body: {} };
    if (url.pathname.startsWith("/signed/")) return answerSigned(url, authorization);
    requests.push({ method, path: url.pathname, host: asked, authorization, userAgent });
    if (asked !== host) return refuse(421, "INVALID_STATE", `no workspace ${asked}`);
    if (authorization !== `Bearer ${token}`) return refuse(403, "PERMISSION_DENIED", "Invalid access token.");
    const file = /^\/api\/2\.0\/fs\/(files|directories)(\/.*)$/u.exec(url.pathname);
    if (file !== null)
      return answerFile(method, file[1] === "files", decodeURIComponent(file[2] ?? ""), body);
    if (url.pathname === "/api/2.0/fs/create-download-url") {
      const path = encodeURI(url.searchParams.get("path") ?? "");
      return {
        status: 200,
        body: { url: `https://${host}/signed${path}?signature=${signature}`, headers: [] },
      };
    }
    if (!url.pathname.startsWith("/api/2.0/mlflow/")) {
      if (url.pathname === "/") return refuse(405, "METHOD_NOT_ALLOWED", "no page here");
      return refuse(404, "ENDPOINT_NOT_FOUND", `no ${method} ${url.pathname}`);
    }
    return await answerMlflow(method, url, body);
  };

  /** A signed URL leads to a store of others, who must not see the token. */
  const answerSigned = ({ pathname, searchParams }: URL, authorization: string): Answer => {
    const found = files.get(decodeURIComponent(pathname.slice("/signed".length)));
    if (authorization !== "") return refuse(400, "INVALID_STATE", "a signed URL was sent the token");
    return found !== undefined && searchParams.get("signature") === signature
      ? { status: 200, body: found }
      : refuse(403, "PERMISSION_DENIED", `no ${pathname}`);
  };

  const answerFile = (method: string, isFile: boolean, path: string, body: Buffer): Answer => {
    const key = path.replace(/\/$/u, "");
    if (isFile && method === "PUT") {
      files.set(key, body);
      return { status: 204 };
    }
    const found = files.get(key);
    if (isFile) return found === undefined ? refuse(404, "NOT_FOUND", key) : { status: 200, body: found };
    const contents = childrenOf(files, key);
    if (method === "PUT") return { status: 204 };
    if (contents.length === 0) return { status: 404, body: { error_code: "NOT_FOUND", message: key } };
    return { status: 200, body: { contents } };
  };

  const answerMlflow = async (method: string, { pathname, search }: URL, body: Buffer): Promise<Answer> => {
    if (pathname.endsWith("/experiments/create")) {
      const { name } = JSON.parse(body.toString()) as { name: string };
      // Databricks' own words.
      if (!name.startsWith("/")) {
        return refuse(
          400,
          "INVALID_PARAMETER_VALUE",
          `Got an invalid experiment name '${name}'. An experiment name must be an absolute path within the Databricks workspace, e.g. '/Users/<some-username>/my-experiment'.`,
        );
      }
    }
    const { status, text } = await second.forward(method, pathname + search, body);
    return { status, body: Buffer.from(toDatabricks(text)) };
  };

  const refuse = (status: number, errorCode: string, message: string): Answer => {
    problems.push(`${status} ${message}`);
    return { status, body: { error_code: errorCode, message } };
  };

  const { certificate, key } = await authority.sign("workspace", [`DNS:${host}`]);
  const server = createServer({ cert: await readFile(certificate), key: await readFile(key) });
  server.on("request", (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void answer(request, Buffer.concat(chunks)).then(
        ({ status, body = Buffer.alloc(0) }) => {
          const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
          const type = /^\/(?:signed|api\/2\.0\/fs\/files)\//u.test(request.url ?? "")
            ? "application/octet-stream"
            : "application/json";
          response.writeHead(status, { "content-type": type, "content-length": content.length });
          response.end(request.method === "HEAD" ? undefined : content);
        },
        (error: unknown) => {
          problems.push(String(error));
          response.writeHead(500).end();
        },
      );
    });
  });
  const port = await listen(server, "127.0.0.1");

  const proxy = createProxy();
  const tunnels = new Set<Socket>();
  proxy.on("connect", (request, socket: Socket) => {
    if (request.url !== `${host}:443`) {
      // The tutorial tries to download its data set, and does without.
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const inner = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      inner.pipe(socket).pipe(inner);
    });
    for (const one of [socket, inner]) {
      tunnels.add(one);
      one.on("error", () => socket.destroy());
    }
  });
  const proxyPort = await listen(proxy, "0.0.0.0");

  return {
    url: `https://${host}`,
    host,
    token,
    proxyPort,
    requests,
    problems,
    files,
    clear: () => {
      requests.length = 0;
      problems.length = 0;
    },
    dispose: () => {
      for (const tunnel of tunnels) tunnel.destroy();
      proxy.close();
      server.close();
    },
  };
}

/** Where Databricks keeps the files of runs and models, in place of where the MLflow behind it would. */
function toDatabricks(text: string): string {
  return text
    .replaceAll(/mlflow-artifacts:\/(\d+)\/models\//gu, "dbfs:/databricks/mlflow-tracking/$1/logged_models/")
    .replaceAll("mlflow-artifacts:/", "dbfs:/databricks/mlflow-tracking/");
}

function childrenOf(files: ReadonlyMap<string, Buffer>, folder: string): readonly object[] {
  const inside = [...files].filter(([path]) => path.startsWith(`${folder}/`));
  const byName = Map.groupBy(inside, ([path]) => path.slice(folder.length + 1).split("/")[0] ?? "");
  return [...byName].map(([name, entries]) => {
    const path = `${folder}/${name}`;
    const content = entries.find(([one]) => one === path)?.[1];
    return { path, name, is_directory: content === undefined, file_size: content?.length };
  });
}

async function listen(server: Server | ReturnType<typeof createProxy>, address: string): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  return (server.address() as AddressInfo).port;
}
