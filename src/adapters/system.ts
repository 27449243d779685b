import { createHash, createHmac, randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { freemem, hostname } from "node:os";
import { rootCertificates } from "node:tls";
import type { System } from "../stack/ports.ts";
import { findPortHolder } from "./system-port-holder.ts";

export function createSystem(): System {
  return {
    hostName: hostname(),
    hasAddress,
    isPortFree,
    portHolder: findPortHolder,
    freeDiskBytes: async (path) => {
      try {
        const { bavail, bsize } = await statfs(path);
        return bavail * bsize;
      } catch {
        // Not on this machine, or not for this user to see.
        return undefined;
      }
    },
    // On Linux Node gives what the kernel calls available, not merely what is unused.
    freeMemoryBytes: async () => await Promise.resolve(freemem()),
    publicAuthorities: () => rootCertificates.join("\n"),
    randomBytes: (count) => randomBytes(count),
    sign: (key, text) => createHmac("sha512", key).update(text).digest("base64url"),
    httpStatus,
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  };
}

/** Undefined when nothing answers, or too late. */
async function httpStatus(url: string): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const sent = get(url, { signal: AbortSignal.timeout(5000) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", () => {
      resolve(undefined);
    });
  });
}

/** By using it: Node lists no interface without a carrier, such as a bridge that has no container just now. */
async function hasAddress(address: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen({ host: address, port: 0, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

async function isPortFree(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    // Any other error says something about this user or this machine, and nothing about the engine's chances.
    server.once("error", (error) => {
      resolve(!("code" in error && error.code === "EADDRINUSE"));
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
