import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { describe, expect, test } from "vitest";
import { createSystem } from "../../../src/adapters/system.ts";

const system = createSystem();

/** Listens on a free port for the length of the work. */
async function listening(host: string, work: (port: number) => Promise<void>): Promise<void> {
  const server: Server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    await work(address.port);
  } finally {
    server.close();
    await once(server, "close");
  }
}

describe("a port", () => {
  test.each(["127.0.0.1", "0.0.0.0", "::"])(
    "is held while someone listens on %s, and free after",
    async (host) => {
      let port = 0;
      await listening(host, async (held) => {
        port = held;
        await expect(system.isPortFree("127.0.0.1", held)).resolves.toBe(false);
      });
      await expect(system.isPortFree("127.0.0.1", port)).resolves.toBe(true);
    },
  );

  test("of an address that isn't this machine's is not held here", async () => {
    // TEST-NET-1: nobody's address.
    await expect(system.isPortFree("192.0.2.1", 8080)).resolves.toBe(true);
  });

  test("is held by the process that listens", async () => {
    await listening("127.0.0.1", async (port) => {
      await expect(system.portHolder(port)).resolves.toEqual({
        pid: process.pid,
        command: expect.stringMatching(/\S/u),
      });
    });
  });

  test("that is free has no holder", async () => {
    let port = 0;
    await listening("127.0.0.1", async (held) => {
      port = held;
    });
    await expect(system.portHolder(port)).resolves.toBeUndefined();
  });
});

describe("this machine", () => {
  test("knows its own addresses, and that others' are not", async () => {
    expect(await Promise.all(["127.0.0.1", "192.0.2.1"].map(system.hasAddress))).toEqual([true, false]);
  });

  test("tells free disk where a path is, and nothing of one that isn't there", async () => {
    await expect(system.freeDiskBytes("/")).resolves.toBeGreaterThan(0);
    await expect(system.freeDiskBytes("/no/such/folder")).resolves.toBeUndefined();
  });

  test("tells free memory", async () => {
    await expect(system.freeMemoryBytes()).resolves.toBeGreaterThan(1024 ** 2);
  });

  test("has random bytes, others each time", () => {
    expect(system.randomBytes(20)).toHaveLength(20);
    expect(system.randomBytes(20)).not.toEqual(system.randomBytes(20));
  });

  test("digests and signs as everyone does", () => {
    expect(system.digest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231, test case 2.
    expect(
      Buffer.from(system.sign("Jefe", "what do ya want for nothing?"), "base64url").toString("hex"),
    ).toMatch(/^164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6/u);
  });
});
