import { userInfo } from "node:os";
import type { DockerOptions } from "dockerode";
import { addressError } from "./docker-errors.ts";

/** What proves engine and client to each other, as PEM. */
export interface DockerTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * How dockerode reaches `host`, written as in DOCKER_HOST; undefined is the default socket. With `tls`, tcp:// is HTTPS.
 * Throws ENGINE_UNREACHABLE for what isn't an address.
 */
export function dockerOptions(host: string | undefined, tls?: DockerTls): DockerOptions {
  if (host === undefined) return { socketPath: "/var/run/docker.sock" };
  if (/^unix:\/\/./u.test(host)) return { socketPath: host.slice("unix://".length) };
  if (!/^(?:tcp|https?|ssh):\/\/\S+$/u.test(host) || !URL.canParse(host)) throw addressError(host);
  const { protocol, hostname, port, username } = new URL(host);
  const at = (defaultPort: number) => ({ host: hostname, port: port === "" ? defaultPort : Number(port) });
  if (protocol === "ssh:") {
    // As `ssh` itself: without a name it is one's own.
    return { protocol: "ssh", username: decoded(username) ?? userInfo().username, ...at(22) };
  }
  return tls === undefined && protocol !== "https:"
    ? { protocol: "http", ...at(2375) }
    : { protocol: "https", ...at(2376), ...tls };
}

function decoded(username: string): string | undefined {
  if (username === "") return undefined;
  try {
    return decodeURIComponent(username);
  } catch {
    return username;
  }
}
