import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, request } from "node:https";
import { join } from "node:path";
import { output } from "./run.ts";

/** A proxy that opens the TLS connections it passes on, as company networks have them, for PyPI's two hosts. */
export interface InspectingProxy {
  readonly port: number;
  /** This machine's certificate authorities and the proxy's own, as PEM. */
  readonly caFile: string;
  /** What it has seen in the clear: "GET pypi.org/simple/pip/". */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

const usualBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
const hosts = ["pypi.org", "files.pythonhosted.org"];

/** Its keys and certificates are made by `openssl`, in `dir`. */
export async function startInspectingProxy(dir: string): Promise<InspectingProxy> {
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
  const [key, cert] = await Promise.all([readFile(path("leaf.key")), readFile(path("leaf.pem"))]);
  const upstreamCa = await readFile(usual);
  const inside = createTlsServer({ key, cert }, (incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.headers.host}${incoming.url}`);
    passOn(incoming, outgoing, upstreamCa);
  });
  const proxy = createServer();
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
  return {
    port,
    caFile,
    seen,
    close: async () => {
      inside.closeAllConnections();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, ca: Buffer): void {
  const { method, url, headers } = incoming;
  const [host, port] = (headers.host ?? "").split(":");
  const upstream = request({ host, port, method, path: url, headers, ca }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.on("error", (error) => outgoing.writeHead(502).end(error.message));
  incoming.pipe(upstream);
}
