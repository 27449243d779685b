import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DockerTls } from "./docker-address.ts";
import { certificatesError } from "./docker-errors.ts";

/**
 * Where the `docker` command would look for the engine: DOCKER_HOST, else the chosen context. Undefined means
 * the default socket. Only a context other than the default costs a process.
 */
export async function findDockerHost(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const host = env["DOCKER_HOST"];
  if (host !== undefined && host !== "") return host;
  const context = env["DOCKER_CONTEXT"] ?? (await currentContext(env));
  if (context === undefined || context === "" || context === "default") return undefined;
  // Seldom needed, and what it loads takes a command a twentieth of a second.
  const { runProcess } = await import("./process.ts");
  const { exitCode, stdout } = await runProcess({
    command: "docker",
    args: ["context", "inspect", context, "--format", "{{.Endpoints.docker.Host}}"],
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/**
 * The certificates that DOCKER_TLS_VERIFY asks for, out of DOCKER_CERT_PATH or the folder of Docker's configuration, for
 * an engine at tcp://. Throws ENGINE_UNREACHABLE when they can't be read.
 */
export async function readDockerTls(
  host: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<DockerTls | undefined> {
  const isVerified = (env["DOCKER_TLS_VERIFY"] ?? "") !== "" && /^(?:tcp|https):/u.test(host ?? "");
  const given = env["DOCKER_CERT_PATH"] ?? "";
  // dockerode reads the folder that is named also when nothing is to be verified, unless the engine is behind a socket.
  const isRead = given !== "" && host !== undefined && !host.startsWith("unix:");
  if (!isVerified && !isRead) return undefined;
  const folder = given === "" ? configFolder(env) : given;
  try {
    const [ca = "", cert = "", key = ""] = await Promise.all(
      ["ca.pem", "cert.pem", "key.pem"].map(async (name) => await readFile(join(folder, name), "utf8")),
    );
    return isVerified ? { ca, cert, key } : undefined;
  } catch (error) {
    throw certificatesError(folder, error);
  }
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
