import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

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

async function currentContext(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = join(env["DOCKER_CONFIG"] ?? join(homedir(), ".docker"), "config.json");
  try {
    const config: unknown = JSON.parse(await readFile(file, "utf8"));
    const isObject = typeof config === "object" && config !== null && "currentContext" in config;
    return isObject && typeof config.currentContext === "string" ? config.currentContext : undefined;
  } catch {
    // No such file, or one that `docker` itself will complain about.
    return undefined;
  }
}
