import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DockerTls } from "../../../src/adapters/docker-address.ts";
import { findDockerEndpoint } from "../../../src/adapters/docker-host.ts";
import { stubProgram, type StubProgram } from "../../support/stub-program.ts";

let folder = "";
const pems = { ca: "ca", cert: "cert", key: "key" };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "docker-config-"));
  await mkdir(join(folder, "docker"));
  for (const name of Object.keys(pems)) {
    await writeFile(join(folder, `${name}.pem`), name);
    await writeFile(join(folder, "docker", `${name}.pem`), `${name} of the context`);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const defaultSocket = { host: undefined, tls: undefined };

test("DOCKER_HOST decides, whatever the context", async () => {
  const env = { DOCKER_HOST: "tcp://engine:2375", DOCKER_CONTEXT: "other", DOCKER_CONFIG: folder };
  await expect(findDockerEndpoint(env)).resolves.toEqual({ host: "tcp://engine:2375", tls: undefined });
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
  const env = { DOCKER_HOST: "", DOCKER_CONFIG: folder };
  await expect(findDockerEndpoint(env)).resolves.toEqual(defaultSocket);
});

test("DOCKER_CONTEXT=default wins over the configuration", async () => {
  await writeFile(join(folder, "config.json"), '{"currentContext": "elsewhere"}');
  const env = { DOCKER_CONTEXT: "default", DOCKER_CONFIG: folder };
  await expect(findDockerEndpoint(env)).resolves.toEqual(defaultSocket);
});

describe("certificates", () => {
  const asked = async (env: NodeJS.ProcessEnv, host = "tcp://engine:2376") =>
    (
      await findDockerEndpoint({
        DOCKER_HOST: host,
        DOCKER_TLS_VERIFY: "1",
        DOCKER_CERT_PATH: folder,
        ...env,
      })
    ).tls;
  const verified = { ...pems, isVerified: true };

  test("are read from DOCKER_CERT_PATH when DOCKER_TLS_VERIFY asks for them", async () => {
    await expect(asked({})).resolves.toEqual(verified);
  });

  test("are in the folder of Docker's configuration by default", async () => {
    await expect(asked({ DOCKER_CERT_PATH: "", DOCKER_CONFIG: folder })).resolves.toEqual(verified);
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

describe("a context of Docker's", () => {
  let docker: StubProgram;
  const found = async (script: string) => {
    docker = await stubProgram("docker", script);
    try {
      return await findDockerEndpoint({ PATH: docker.path, DOCKER_CONTEXT: "far" });
    } finally {
      await docker.dispose();
    }
  };
  const inspected = (host: string, files: readonly string[] = [], more = {}): string => {
    const context = {
      Name: "far",
      Metadata: {},
      Endpoints: { docker: { Host: host, ...more } },
      TLSMaterial: files.length === 0 ? {} : { docker: files },
      Storage: { MetadataPath: folder, TLSPath: folder },
    };
    return `cat <<'EOF'\n${JSON.stringify([context])}\nEOF\n`;
  };

  test("gives its address", async () => {
    await expect(found(inspected("ssh://engine"))).resolves.toEqual({
      host: "ssh://engine",
      tls: undefined,
    });
    await expect(found(inspected(""))).resolves.toEqual(defaultSocket);
  });

  test.each<[string, readonly string[], object, DockerTls | undefined]>([
    [
      "all certificates",
      ["ca.pem", "cert.pem", "key.pem"],
      { SkipTLSVerify: false },
      {
        ca: "ca of the context",
        cert: "cert of the context",
        key: "key of the context",
        isVerified: true,
      },
    ],
    ["an authority alone", ["ca.pem"], {}, { ca: "ca of the context", isVerified: true }],
    ["an engine that proves nothing", [], { SkipTLSVerify: true }, { isVerified: false }],
    ["no TLS", [], {}, undefined],
  ])("with %s at tcp:// gives them", async (_, files, more, tls) => {
    const host = "tcp://engine:2376";
    await expect(found(inspected(host, files, more))).resolves.toEqual({ host, tls });
  });

  test("whose certificates can't be read is named, with how to give it new ones", async () => {
    await rm(join(folder, "docker", "key.pem"));
    const script = inspected("tcp://engine:2376", ["ca.pem", "cert.pem", "key.pem"]);
    await expect(found(script)).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("key.pem"),
      hint: expect.stringContaining("docker context update far "),
    });
  });

  test("that docker doesn't know is named, and no other engine taken", async () => {
    const words = 'context "far": context not found: open /home/me/.docker/contexts/meta/5: no such file';
    const script = `echo '${words}' >&2; exit 1`;
    await expect(found(script)).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: `The Docker context "far" can't be used: context not found.`,
      hint: expect.stringContaining("docker context ls"),
    });
  });
});
