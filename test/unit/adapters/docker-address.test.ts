import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { dockerOptions } from "../../../src/adapters/docker-address.ts";

const pems = { ca: "ca", cert: "cert", key: "key" };
const me = userInfo().username;

test.each([
  [undefined, { socketPath: "/var/run/docker.sock" }],
  ["unix:///run/other.sock", { socketPath: "/run/other.sock" }],
  ["tcp://engine", { protocol: "http", host: "engine", port: 2375 }],
  ["http://engine:8000", { protocol: "http", host: "engine", port: 8000 }],
  ["https://engine", { protocol: "https", host: "engine", port: 2376 }],
  ["ssh://engine", { protocol: "ssh", host: "engine", port: 22, username: me }],
  ["ssh://a%40b@engine:2222", { protocol: "ssh", host: "engine", port: 2222, username: "a@b" }],
  ["ssh://%zz@engine", { protocol: "ssh", host: "engine", port: 22, username: "%zz" }],
])("%s is reached by %j", (host, options) => {
  expect(dockerOptions(host)).toEqual(options);
});

test("with certificates tcp:// is HTTPS, on its own port", () => {
  expect(dockerOptions("tcp://engine", { tls: { ...pems, isVerified: true } })).toEqual({
    protocol: "https",
    host: "engine",
    port: 2376,
    ...pems,
  });
});

test("an engine that need not prove who it is gets an agent that asks for nothing", () => {
  const { agent } = dockerOptions("tcp://engine", { tls: { ca: "ca", isVerified: false } });
  expect(agent?.options).toMatchObject({ rejectUnauthorized: false, ca: "ca" });
});

test("SSH logs in with the agent that there is", () => {
  expect(dockerOptions("ssh://engine", { sshAgent: "/run/agent" })).toMatchObject({
    protocol: "ssh",
    sshOptions: { agent: "/run/agent" },
  });
});

test.each(["", "nonsense", "unix://", "tcp://", "tcp://x:99999", "localhost:2375", "ftp://x", "tcp://a\nb"])(
  "%j is no address",
  (host) => {
    expect(() => dockerOptions(host)).toThrow(expect.objectContaining({ code: "ENGINE_UNREACHABLE" }));
  },
);
