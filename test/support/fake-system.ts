import { createHash, createHmac } from "node:crypto";
import type { PortHolder, System } from "../../src/stack/ports.ts";

export interface FakeSystem extends System {
  /** Ports that something on this machine listens on; undefined for a process that can't be seen. */
  readonly heldPorts: Map<number, PortHolder | undefined>;
  diskBytes: number | undefined;
  memoryBytes: number;
}

const gib = 1024 ** 3;

/** A roomy machine named "here", with random bytes that are different at each call and the same in each run. */
export function createFakeSystem(): FakeSystem {
  let drawn = 0;
  const system: FakeSystem = {
    hostName: "here",
    heldPorts: new Map(),
    diskBytes: 100 * gib,
    memoryBytes: 16 * gib,
    hasAddress: async (address) => await Promise.resolve(address === "127.0.0.1" || address === "172.17.0.1"),
    isPortFree: async (_host, port) => !system.heldPorts.has(port),
    portHolder: async (port) => system.heldPorts.get(port),
    freeDiskBytes: async () => system.diskBytes,
    freeMemoryBytes: async () => system.memoryBytes,
    randomBytes: (count) => {
      const bytes = createHash("shake256", { outputLength: count }).update(`draw ${++drawn}`).digest();
      return new Uint8Array(bytes);
    },
    sign: (key, text) => createHmac("sha512", key).update(text).digest("base64url"),
    publicAuthorities: () => "public authorities",
    httpStatus: async () => 200,
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  };
  return system;
}
