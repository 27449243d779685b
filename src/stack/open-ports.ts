import type { ComposeFile } from "./compose-types.ts";
import { isData, isList, type Data } from "./user-files/compose-data.ts";
import { mergeCompose } from "./user-files/merge-compose.ts";

interface PublishedOn {
  readonly service: string;
  /** As the file has it: a number, a range, or "" for one that the engine chooses. */
  readonly port: string;
  /** An address of this machine; "" for all that it has, of IPv4 and IPv6. */
  readonly address: string;
}

/** One warning for each port that more than this machine's own programs can reach, with the user's file laid over. */
export function openPortNotes(file: ComposeFile, override: Data = {}): readonly string[] {
  const { services } = mergeCompose({ ...file }, override);
  if (!isData(services)) return [];
  return Object.entries(services).flatMap(([service, body]) => {
    if (!isData(body)) return [];
    const ports = isList(body["ports"]) ? body["ports"] : [];
    const open = ports.map((port) => readPort(service, port)).filter(({ address }) => !isLoopback(address));
    return [...(body["network_mode"] === "host" ? [hostNetworkNote(service)] : []), ...open.map(portNote)];
  });
}

function hostNetworkNote(service: string): string {
  return `${service} has the network of this machine (network_mode: host): every port that it listens on is open as far as the machine's firewall lets it`;
}

function portNote({ service, port, address }: PublishedOn): string {
  const what = port === "" ? `A port of ${service}` : `Port ${port} (${service})`;
  const where = isWildcard(address)
    ? "on every address of this machine, so that others on its network can reach it"
    : `on ${address}, so that more than this machine's own programs can reach it`;
  return `${what} is open ${where}; docs/security.md says what protects it then, and what doesn't`;
}

/** Compose's forms: "8080:80", "127.0.0.1:8080:80/tcp", "[::1]:8080:80", 80, and a mapping. */
function readPort(service: string, port: unknown): PublishedOn {
  if (isData(port)) {
    const { host_ip: address = "", published = "" } = port;
    return { service, port: String(published), address: String(address) };
  }
  const [, address, rest = String(port)] = /^\[([^\]]*)\]:(.*)$/u.exec(String(port)) ?? [];
  // A variable that only Compose knows may have a colon of its own: "${PORT:-8080}:80".
  const parts = rest.split(/:(?![^{]*\})/u);
  return { service, port: parts.at(-2) ?? "", address: address ?? parts.at(-3) ?? "" };
}

function isWildcard(address: string): boolean {
  return address === "" || address === "0.0.0.0" || address === "::";
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
