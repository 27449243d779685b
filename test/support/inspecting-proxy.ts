import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer, request as requestTls } from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { output } from "./run.ts";

/** A proxy that opens the TLS connections to PyPI's two hosts that it passes on, as company networks have them. */
export interface InspectingProxy {
  readonly port: number;
  /** This machine's certificate authorities and the proxy's own, as PEM. */
  readonly caFile: string;
  /** What it has seen in the clear: "GET pypi.org/simple/pip/", and for a range of it "GET ... in part". */
  readonly seen: readonly string[];
  /** Of these, what it has answered to the last byte. */
  readonly answered: readonly string[];
  /** Drops all connections, and takes no other until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Is told how many bytes of an answer have come; the next are passed on when it is through. */
type OnBytes = (line: string, bytes: number) => Promise<void>;

const usualBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
const hosts = ["pypi.org", "files.pythonhosted.org"];

/** Its keys and certificates are made by `openssl`, in `dir`. */
export async function startInspectingProxy(
  dir: string,
  onBytes: OnBytes = async () => await Promise.resolve(),
): Promise<InspectingProxy> {
  const path = (name: string): string => join(dir, `proxy-${name}`);
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  const newKey = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout"];
  const ca = [
    "-out",
    path("ca.pem"),
    "-subj",
    "/CN=Inspecting proxy",
    "-addext",
    "keyUsage=critical,keyCertSign",
  ];
  await output("openssl", [...newKey, path("ca.key"), ...ca]);
  const signed = [
    "-CA",
    path("ca.pem"),
    "-CAkey",
    path("ca.key"),
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  ];
  const leaf = ["-out", path("leaf.pem"), "-subj", "/CN=pypi.org", "-addext", `subjectAltName=${names}`];
  await output("openssl", [...newKey, path("leaf.key"), ...leaf, ...signed]);

  const usual = process.env["SSL_CERT_FILE"] ?? usualBundles.find((file) => existsSync(file)) ?? "";
  const caFile = path("bundle.pem");
  await writeFile(caFile, (await readFile(usual, "utf8")) + (await readFile(path("ca.pem"), "utf8")));

  const seen: string[] = [];
  const answered: string[] = [];
  let isCut = false;
  const [key, cert] = await Promise.all([readFile(path("leaf.key")), readFile(path("leaf.pem"))]);
  const upstreamCa = await readFile(usual);
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse, trusted?: Buffer): void => {
    const { host, path: wanted } = targetOf(incoming);
    const part = incoming.headers.range === undefined ? "" : " in part";
    const line = `${incoming.method} ${host}${wanted}${part}`;
    seen.push(line);
    const look = async (bytes: number): Promise<void> => {
      await onBytes(line, bytes);
      if (isCut) throw new Error("the connection was cut");
    };
    passOn(incoming, outgoing, { ca: trusted, onBytes: look }).then(
      () => answered.push(line),
      () => outgoing.destroy(),
    );
  };
  const inside = createTlsServer({ key, cert }, (incoming, outgoing) => {
    answer(incoming, outgoing, upstreamCa);
  });
  const proxy = createServer(answer);
  const sockets = new Set<Socket>();
  proxy.on("connection", (socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  proxy.on("connect", (_, socket) => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    inside.emit("connection", socket);
  });
  const port = await new Promise<number>((resolve) => {
    proxy.listen(0, "0.0.0.0", () => {
      const address = proxy.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    caFile,
    seen,
    answered,
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      drop();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

/** Without TLS a proxy is asked for the whole address. */
function targetOf({ url = "", headers }: IncomingMessage): { readonly host: string; readonly path: string } {
  if (url.startsWith("/")) return { host: headers.host ?? "", path: url };
  const { host, pathname, search } = new URL(url);
  return { host, path: pathname + search };
}

interface Passing {
  /** Who answers for the other side; without them it is asked without TLS. */
  readonly ca: Buffer | undefined;
  readonly onBytes: (bytes: number) => Promise<void>;
}

/** Resolves when the whole answer has been passed on. */
async function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { ca, onBytes }: Passing,
): Promise<void> {
  const { method, headers } = incoming;
  const target = targetOf(incoming);
  const [host, port] = target.host.split(":");
  const options = { host, port, method, path: target.path, headers };
  const upstream = ca === undefined ? request(options) : requestTls({ ...options, ca });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once("response", resolve);
    upstream.on("error", reject);
  });
  incoming.pipe(upstream);
  const response = await answer;
  outgoing.writeHead(response.statusCode ?? 502, response.headers);
  await pipeline(
    response,
    async function* tell(chunks: AsyncIterable<Buffer>) {
      let bytes = 0;
      for await (const chunk of chunks) {
        bytes += chunk.length;
        await onBytes(bytes);
        yield chunk;
      }
    },
    outgoing,
  );
}
