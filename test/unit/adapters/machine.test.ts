import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMachine, runArgs } from "../../../src/adapters/machine.ts";

const engineScript = "/opt/stack/scripts/engine.sh";

describe("the proxies that the docker client gives containers", () => {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "stack-machine-"));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  test.each([
    [
      '{"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"a,b"}}}',
      { http_proxy: "http://p:1", no_proxy: "a,b" },
    ],
    ['{"proxies":{"default":{"httpProxy":"","httpsProxy":5}}}', {}],
    ['{"auths":{}}', {}],
    ["[]", {}],
    ["{", {}],
  ])("%s", async (text, expected) => {
    await writeFile(join(dir, "config.json"), text);
    const machine = createMachine({ env: { DOCKER_CONFIG: dir }, engineScript });
    await expect(machine.containerProxies()).resolves.toEqual(expected);
  });

  test("are none without its file", async () => {
    const machine = createMachine({ env: { DOCKER_CONFIG: join(dir, "none") }, engineScript });
    await expect(machine.containerProxies()).resolves.toEqual({});
  });
});

test("this process goes through proxies only when Node is told to", () => {
  const env = { HTTP_PROXY: "http://p:1", no_proxy: "localhost", HTTPS_PROXY: "" };
  expect(createMachine({ env, engineScript }).ownProxies).toEqual({});
  expect(createMachine({ env: { ...env, NODE_USE_ENV_PROXY: "1" }, engineScript }).ownProxies).toEqual({
    http_proxy: "http://p:1",
    no_proxy: "localhost",
  });
});

test("a machine without the docker command has no version of it", async () => {
  const machine = createMachine({ env: { PATH: "/nowhere" }, engineScript });
  await expect(machine.clientVersion()).resolves.toBeUndefined();
});

test("a container of its own sees folders read-only, whatever they are called", () => {
  const mounts = { "/look/dags": '/home/me/a, "b"/dags' };
  expect(
    runArgs("stack-doctor-1", { image: "airflow:1", script: "echo $1; id", mounts, env: { A: "b c" } }),
  ).toEqual([
    "run",
    "--rm",
    "--pull=never",
    "--name=stack-doctor-1",
    "--entrypoint=sh",
    '--mount=type=bind,"source=/home/me/a, ""b""/dags",target=/look/dags,readonly',
    "--env=A=b c",
    "airflow:1",
    "-c",
    "echo $1; id",
  ]);
});
