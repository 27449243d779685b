import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { leaveOutUnused } from "../../../src/adapters/docker-lean.ts";

const fromDockerode = createRequire(createRequire(import.meta.url).resolve("dockerode"));
const fromModem = createRequire(fromDockerode.resolve("docker-modem"));

describe("what dockerode seldom needs", () => {
  leaveOutUnused();

  test("is not loaded with it", () => {
    fromDockerode("./docker");
    const loaded = Object.keys(fromDockerode.cache).filter((file) =>
      /\/(?:ssh2|grpc-js|protobufjs)\//u.test(file),
    );
    // A stand-in each, and nothing that it would have loaded.
    expect(loaded).toHaveLength(3);
  });

  test("is there when it is used", () => {
    const { Client } = fromModem("ssh2") as { Client: new () => { connect: unknown } };
    expect(typeof new Client().connect).toBe("function");
    const { loadSync } = fromDockerode("protobufjs") as { loadSync: unknown };
    expect(typeof loadSync).toBe("function");
  });

  test("is loaded once", () => {
    const first = fromDockerode("protobufjs") as object;
    leaveOutUnused();
    expect(fromDockerode("protobufjs")).toBe(first);
  });
});
