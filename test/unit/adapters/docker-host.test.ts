import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDockerHost } from "../../../src/adapters/docker-host.ts";

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
