import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findDockerHost, readDockerTls } from "../../../src/adapters/docker-host.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "docker-config-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("DOCKER_HOST decides, whatever the context", async () => {
  const env = { DOCKER_HOST: "tcp://engine:2375", DOCKER_CONTEXT: "other", DOCKER_CONFIG: folder };
  await expect(findDockerHost(env)).resolves.toBe("tcp://engine:2375");
});

test.each([
  ["no configuration", undefined],
  ["no context", "{}"],
  ["the default context", '{"currentContext": "default"}'],
  ["a damaged configuration", "{"],
  ["a configuration of another form", '{"currentContext": 5}'],
])("with %s it is the default socket", async (_, config) => {
  await rm(join(folder, "config.json"), { force: true });
  if (config !== undefined) await writeFile(join(folder, "config.json"), config);
  await expect(findDockerHost({ DOCKER_HOST: "", DOCKER_CONFIG: folder })).resolves.toBeUndefined();
});

test("DOCKER_CONTEXT=default wins over the configuration", async () => {
  await writeFile(join(folder, "config.json"), '{"currentContext": "elsewhere"}');
  await expect(findDockerHost({ DOCKER_CONTEXT: "default", DOCKER_CONFIG: folder })).resolves.toBeUndefined();
});

describe("certificates", () => {
  const asked = (env: NodeJS.ProcessEnv, host = "tcp://engine:2376") =>
    readDockerTls(host, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder, ...env });
  beforeAll(async () => {
    for (const name of ["ca", "cert", "key"]) await writeFile(join(folder, `${name}.pem`), name);
  });
  const pems = { ca: "ca", cert: "cert", key: "key" };

  test("are read from DOCKER_CERT_PATH when DOCKER_TLS_VERIFY asks for them", async () => {
    await expect(asked({})).resolves.toEqual(pems);
  });

  test("are in the folder of Docker's configuration by default", async () => {
    await expect(asked({ DOCKER_CERT_PATH: "", DOCKER_CONFIG: folder })).resolves.toEqual(pems);
  });

  test.each([
    ["that nobody asks for", { DOCKER_TLS_VERIFY: "" }, "tcp://engine:2376"],
    ["of an engine behind a socket", {}, "unix:///var/run/docker.sock"],
    ["of an engine behind SSH", {}, "ssh://engine"],
  ])("%s are left alone", async (_, env, host) => {
    await expect(asked(env, host)).resolves.toBeUndefined();
  });

  test("that aren't there are named also for SSH, since dockerode would read them", async () => {
    await expect(asked({ DOCKER_CERT_PATH: "/nowhere" }, "ssh://engine")).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
    });
  });

  test("that aren't there are named, with the variables to correct", async () => {
    await expect(asked({ DOCKER_CERT_PATH: join(folder, "nowhere") })).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("nowhere/"),
      hint: expect.stringContaining("DOCKER_CERT_PATH"),
    });
  });
});
