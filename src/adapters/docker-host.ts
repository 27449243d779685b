import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DockerTls } from "./docker-address.ts";
import { certificatesError, contextError } from "./docker-errors.ts";

/** How to reach an engine: an address as in DOCKER_HOST, or undefined for the default socket; and what TLS needs there. */
export interface DockerEndpoint {
  readonly host: string | undefined;
  readonly tls: DockerTls | undefined;
}

/**
 * Where the `docker` command would look for the engine: DOCKER_HOST with its variables for TLS, else the chosen context
 * with its own certificates. Only a context other than the default costs a process. Throws ENGINE_UNREACHABLE for a
 * context that `docker` doesn't know, and for certificates that can't be read.
 */
export async function findDockerEndpoint(env: NodeJS.ProcessEnv): Promise<DockerEndpoint> {
  const host = env["DOCKER_HOST"];
  if (host !== undefined && host !== "") return { host, tls: await readNamedTls(host, env) };
  const context = env["DOCKER_CONTEXT"] ?? (await currentContext(env));
  if (context === undefined || context === "" || context === "default") {
    return { host: undefined, tls: undefined };
  }
  // Seldom needed, and what it loads takes a command a twentieth of a second.
  const [{ runProcess }, { parseContext }] = await Promise.all([
    import("./process.ts"),
    import("./docker-context.ts"),
  ]);
  const args = ["context", "inspect", context];
  const { exitCode, stdout, stderr } = await runProcess({ command: "docker", args, env });
  // Without the command there is no context either; that it is missing, the first call of Compose tells.
  if (exitCode === 127) return { host: undefined, tls: undefined };
  if (exitCode !== 0) throw contextError(context, stderr);
  const { host: address, tlsFolder, tlsFiles, isVerified } = parseContext(stdout);
  if (!isTcp(address) || (tlsFiles.length === 0 && isVerified)) return { host: address, tls: undefined };
  try {
    return { host: address, tls: { ...(await readPems(tlsFolder, tlsFiles)), isVerified } };
  } catch (error) {
    throw certificatesError({ context }, error);
  }
}

/** The address alone. */
export async function findDockerHost(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return (await findDockerEndpoint(env)).host;
}

/**
 * The certificates that DOCKER_TLS_VERIFY asks for, out of DOCKER_CERT_PATH or the folder of Docker's configuration, for
 * an engine at tcp://.
 */
async function readNamedTls(host: string, env: NodeJS.ProcessEnv): Promise<DockerTls | undefined> {
  const isVerified = (env["DOCKER_TLS_VERIFY"] ?? "") !== "" && isTcp(host);
  const given = env["DOCKER_CERT_PATH"] ?? "";
  // dockerode reads the folder that is named also when nothing is to be verified, unless the engine is behind a socket.
  const isRead = given !== "" && !host.startsWith("unix:");
  if (!isVerified && !isRead) return undefined;
  const folder = given === "" ? configFolder(env) : given;
  try {
    const pems = await readPems(folder, ["ca.pem", "cert.pem", "key.pem"]);
    return isVerified ? { ...pems, isVerified } : undefined;
  } catch (error) {
    throw certificatesError({ folder }, error);
  }
}

function isTcp(host: string | undefined): boolean {
  return /^(?:tcp|https):/u.test(host ?? "");
}

/** Those of ca.pem, cert.pem and key.pem that are among `files`. */
async function readPems(
  folder: string,
  files: readonly string[],
): Promise<Pick<DockerTls, "ca" | "cert" | "key">> {
  const read = async (file: string): Promise<string | undefined> =>
    files.includes(file) ? await readFile(join(folder, file), "utf8") : undefined;
  const [ca, cert, key] = await Promise.all(["ca.pem", "cert.pem", "key.pem"].map(read));
  return { ca, cert, key };
}

function configFolder(env: NodeJS.ProcessEnv): string {
  return env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
}

async function currentContext(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = join(configFolder(env), "config.json");
  try {
    const config: unknown = JSON.parse(await readFile(file, "utf8"));
    const isObject = typeof config === "object" && config !== null && "currentContext" in config;
    return isObject && typeof config.currentContext === "string" ? config.currentContext : undefined;
  } catch {
    // No such file, or one that `docker` itself will complain about.
    return undefined;
  }
}
