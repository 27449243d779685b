import { Agent } from "node:https";
import { userInfo } from "node:os";
import type { DockerOptions } from "dockerode";
import { addressError } from "./docker-errors.ts";

/** What proves engine and client to each other, as PEM; an engine may do without a certificate of ours. */
export interface DockerTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Whether the engine has to prove who it is. */
  readonly isVerified: boolean;
}

/** What an engine elsewhere is shown. */
export interface DockerProofs {
  readonly tls?: DockerTls | undefined;
  /** The socket of the agent that SSH logs in with. */
  readonly sshAgent?: string | undefined;
}

/**
 * How dockerode reaches `host`, written as in DOCKER_HOST; undefined is the default socket. With `tls`, tcp:// is HTTPS.
 * Throws ENGINE_UNREACHABLE for what isn't an address.
 */
export function dockerOptions(
  host: string | undefined,
  { tls, sshAgent }: DockerProofs = {},
): DockerOptions & { readonly agent?: Agent } {
  if (host === undefined) return { socketPath: "/var/run/docker.sock" };
  if (/^unix:\/\/./u.test(host)) return { socketPath: host.slice("unix://".length) };
  if (!/^(?:tcp|https?|ssh):\/\/\S+$/u.test(host) || !URL.canParse(host)) throw addressError(host);
  const { protocol, hostname, port, username } = new URL(host);
  const at = (defaultPort: number) => ({ host: hostname, port: port === "" ? defaultPort : Number(port) });
  if (protocol === "ssh:") {
    // As `ssh` itself: without a name it is one's own. The agent, dockerode finds by itself for DOCKER_HOST alone.
    const options = {
      protocol: "ssh",
      username: decoded(username) ?? userInfo().username,
      ...at(22),
    } as const;
    return sshAgent === undefined ? options : { ...options, sshOptions: { agent: sshAgent } };
  }
  if (tls === undefined && protocol !== "https:") return { protocol: "http", ...at(2375) };
  const { isVerified = true, ...pems } = tls ?? {};
  // dockerode has no option for this.
  const trusting = isVerified ? {} : { agent: new Agent({ ...pems, rejectUnauthorized: false }) };
  return { protocol: "https", ...at(2376), ...pems, ...trusting };
}

function decoded(username: string): string | undefined {
  if (username === "") return undefined;
  try {
    return decodeURIComponent(username);
  } catch {
    return username;
  }
}
