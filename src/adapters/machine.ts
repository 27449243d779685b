import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { arch, homedir, platform, release, userInfo } from "node:os";
import { join } from "node:path";
import type { Machine, OneOff, Proxies } from "../stack/doctor/machine.ts";
import { runProcess } from "./process.ts";

export interface MachineOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The script that installs and starts an engine on Debian. */
  readonly engineScript: string;
}

export function createMachine({ env, engineScript }: MachineOptions): Machine {
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const script = platform() === "darwin" ? "open -a Docker" : `${sudo}${engineScript}`;
  const docker = async (args: readonly string[], signal?: AbortSignal) =>
    await runProcess({ command: "docker", args, cwd: "/", env, ...(signal === undefined ? {} : { signal }) });
  return {
    nodeVersion: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    startEngine: hasEngineUnit() ? `${sudo}systemctl start docker` : script,
    installDocker: script,
    openEngine: `sudo usermod --append --groups docker ${userInfo().username}`,
    clientVersion: async () => {
      const { exitCode, stdout } = await docker(["--version"]);
      return exitCode === 0 ? (/\d+\.\d+\S*/u.exec(stdout)?.[0] ?? stdout).replace(/,$/u, "") : undefined;
    },
    containerProxies: async () => await readClientProxies(env),
    ownProxies: env["NODE_USE_ENV_PROXY"] === "1" ? ownProxies(env) : {},
    runOnce: async (request, signal) => {
      const name = `stack-doctor-${randomBytes(4).toString("hex")}`;
      try {
        return await docker(runArgs(name, request), signal);
      } finally {
        // An interrupted client leaves its container; one that has ended has none any more.
        if (signal.aborted) await docker(["rm", "--force", name]);
      }
    },
  };
}

/** Argument list of a container that lives as long as its script; a pure function. */
export function runArgs(name: string, { image, script, mounts, env }: OneOff): readonly string[] {
  return [
    "run",
    "--rm",
    "--pull=never",
    `--name=${name}`,
    "--entrypoint=sh",
    ...Object.entries(mounts).map(
      ([target, source]) =>
        `--mount=type=bind,"source=${source.replaceAll('"', '""')}",target=${target},readonly`,
    ),
    ...Object.entries(env).map(([variable, value]) => `--env=${variable}=${value}`),
    image,
    "-c",
    script,
  ];
}

function hasEngineUnit(): boolean {
  const folders = ["/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system"];
  return existsSync("/run/systemd/system") && folders.some((dir) => existsSync(join(dir, "docker.service")));
}

const proxyNames = ["http_proxy", "https_proxy", "no_proxy"] as const;

function ownProxies(env: NodeJS.ProcessEnv): Proxies {
  return Object.fromEntries(
    proxyNames.flatMap((name) => {
      const value = env[name] ?? env[name.toUpperCase()];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

const configKeys = { http_proxy: "httpProxy", https_proxy: "httpsProxy", no_proxy: "noProxy" } as const;

/** From the client's own file, under `proxies.default`. */
async function readClientProxies(env: NodeJS.ProcessEnv): Promise<Proxies> {
  const file = join(env["DOCKER_CONFIG"] ?? join(homedir(), ".docker"), "config.json");
  try {
    const given = member(member(JSON.parse(await readFile(file, "utf8")), "proxies"), "default");
    return Object.fromEntries(
      proxyNames.flatMap((name) => {
        const value = member(given, configKeys[name]);
        return typeof value === "string" && value !== "" ? [[name, value]] : [];
      }),
    );
  } catch {
    // No such file, or one that `docker` itself will complain about.
    return {};
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
