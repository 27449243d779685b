import { spawn } from "node:child_process";
import { readFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDockerEngine } from "../../src/adapters/docker-engine.ts";
import { findDockerEndpoint } from "../../src/adapters/docker-host.ts";
import { createAuthority, type Authority } from "../support/certificates.ts";
import { output } from "../support/run.ts";
import { freePorts } from "../support/test-project.ts";

/* A stand-in for an engine at tcp:// that lets in only who shows a certificate that its authority signed. */
describe("an engine behind TLS", () => {
  let dir = "";
  let server: Server;
  let port = 0;
  let authority: Authority;
  let other: Authority;

  const authorityIn = async (name: string): Promise<Authority> => {
    await mkdir(join(dir, name));
    return await createAuthority(join(dir, name));
  };
  /** A folder with ca.pem, and a certificate of the client's; of two authorities, the engine knows the first. */
  const clientFolder = async (name: string, trusted: Authority, signer: Authority): Promise<string> => {
    const { certificate, key } = await signer.sign(name, ["DNS:client"]);
    const folder = join(dir, name);
    await mkdir(folder);
    await writeFile(join(folder, "ca.pem"), await readFile(trusted.file));
    await writeFile(join(folder, "cert.pem"), await readFile(certificate));
    await writeFile(join(folder, "key.pem"), await readFile(key));
    return folder;
  };
  const infoFor = async (env: NodeJS.ProcessEnv) => {
    const { host, tls } = await findDockerEndpoint({ PATH: process.env["PATH"], ...env });
    return await createDockerEngine(host, { tls }).info();
  };
  const named = (folder: string): NodeJS.ProcessEnv => ({
    DOCKER_HOST: `tcp://127.0.0.1:${port}`,
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: folder,
  });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "engine-tls-"));
    authority = await authorityIn("authority");
    other = await authorityIn("other");
    const { certificate, key } = await authority.sign("engine", ["IP:127.0.0.1"]);
    const answer = { ServerVersion: "28.5.0", MemTotal: 4e9, DockerRootDir: "/", Name: "far", NCPU: 2 };
    server = createServer(
      {
        cert: await readFile(certificate),
        key: await readFile(key),
        ca: await readFile(authority.file),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_, response) => {
        response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  });

  test("is reached with the certificates of DOCKER_CERT_PATH", async () => {
    const folder = await clientFolder("client", authority, authority);
    await expect(infoFor(named(folder))).resolves.toMatchObject({ version: "28.5.0" });
  });

  describe("that a context of Docker's names", () => {
    const contextWith = async (name: string, tls: string): Promise<NodeJS.ProcessEnv> => {
      const env = { PATH: process.env["PATH"], DOCKER_CONFIG: join(dir, `config-${name}`) };
      const endpoint = `host=tcp://127.0.0.1:${port},${tls}`;
      await output("env", [
        `DOCKER_CONFIG=${env.DOCKER_CONFIG}`,
        "docker",
        "context",
        "create",
        name,
        "--docker",
        endpoint,
      ]);
      return { ...env, DOCKER_CONTEXT: name };
    };

    test("is reached with the context's certificates", async () => {
      const folder = await clientFolder("client-2", authority, authority);
      const files = ["ca", "cert", "key"].map((one) => `${one}=${join(folder, `${one}.pem`)}`);
      await expect(infoFor(await contextWith("far", files.join(",")))).resolves.toMatchObject({
        version: "28.5.0",
      });
    });

    test("is reached also where it need not prove who it is", async () => {
      const folder = await clientFolder("client-3", other, authority);
      const files = ["cert", "key"].map((one) => `${one}=${join(folder, `${one}.pem`)}`);
      const tls = `skip-tls-verify=true,${files.join(",")}`;
      await expect(infoFor(await contextWith("unproven", tls))).resolves.toMatchObject({
        version: "28.5.0",
      });
    });
  });

  test("that an unknown authority signed is refused, which is told with what to do", async () => {
    const folder = await clientFolder("client-4", other, authority);
    await expect(infoFor(named(folder))).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("its certificate isn't signed by an authority that is trusted here"),
      hint: expect.stringContaining("ca.pem"),
    });
  });

  test("that doesn't accept our certificate is told with what to do", async () => {
    const folder = await clientFolder("client-5", authority, other);
    await expect(infoFor(named(folder))).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("it closed the connection"),
      hint: expect.stringContaining("accepts our certificate"),
    });
  });

  // As Docker's engine does; Node's own servers close the connection without a word.
  test("that says why it doesn't accept our certificate is understood", async () => {
    const folder = await clientFolder("client-7", authority, other);
    const [refusingPort = 0] = await freePorts(1);
    const { certificate, key } = await authority.sign("refusing", ["IP:127.0.0.1"]);
    const files = ["-cert", certificate, "-key", key, "-CAfile", authority.file];
    const accept = ["-accept", `127.0.0.1:${refusingPort}`, "-Verify", "1", "-verify_return_error"];
    const refusing = spawn("openssl", ["s_server", ...accept, ...files]);
    for await (const line of createInterface({ input: refusing.stdout })) {
      if (line === "ACCEPT") {
        break;
      }
    }
    const env = { ...named(folder), DOCKER_HOST: `tcp://127.0.0.1:${refusingPort}` };
    const failed = await infoFor(env).catch((error: unknown) => error);
    refusing.kill();
    expect(failed).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("it doesn't accept our certificate"),
      hint: expect.stringContaining("cert.pem and key.pem that the engine's authority signed"),
    });
  });

  test("that has another name than its certificate is told with what to do", async () => {
    const folder = await clientFolder("client-6", authority, authority);
    const env = { ...named(folder), DOCKER_HOST: `tcp://localhost:${port}` };
    await expect(infoFor(env)).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("its certificate is for another name"),
    });
  });
});
