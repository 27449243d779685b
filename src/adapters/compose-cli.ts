import { join } from "node:path";
import { StackError } from "../lib/errors.ts";
import type { Compose } from "../stack/ports.ts";
import { lastLines, runProcess, type ProcessResult } from "./process.ts";

/** Argument lists for `docker`, each a pure function of what is asked. */
export const composeArgs = {
  up: (file: string, services: readonly string[] = []): readonly string[] => [
    "compose",
    "--progress=plain",
    `--file=${file}`,
    "up",
    "--detach",
    "--remove-orphans",
    ...services,
  ],
  down: (project: string, volumes: boolean, file?: string): readonly string[] => [
    "compose",
    "--progress=plain",
    `--project-name=${project}`,
    ...(file === undefined ? [] : [`--file=${file}`]),
    "down",
    "--remove-orphans",
    ...(volumes ? ["--volumes"] : []),
  ],
  run: (file: string, service: string, args: readonly string[]): readonly string[] => [
    "compose",
    "--progress=quiet",
    `--file=${file}`,
    "run",
    "--rm",
    "--no-TTY",
    "--no-deps",
    service,
    ...args,
  ],
  exec: (project: string, service: string, command: readonly string[]): readonly string[] => [
    "compose",
    `--project-name=${project}`,
    "exec",
    "--no-TTY",
    service,
    ...command,
  ],
};

export interface ComposeCliOptions {
  /** The project folder; files are relative to it. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Variables of the caller that must not reach Compose start with this: they would win over the stack's own. */
  readonly hiddenPrefix: string;
}

// Compose's own variables would rename the project, or take its secrets from another file.
const composePrefix = "COMPOSE_";

/** Drives the `docker compose` command. */
export function createComposeCli({ dir, env, hiddenPrefix }: ComposeCliOptions): Compose {
  const hidden = [hiddenPrefix, composePrefix];
  const cleanEnv = Object.fromEntries(
    Object.entries(env).filter(([name]) => !hidden.some((prefix) => name.startsWith(prefix))),
  );
  // From "/", so that a compose.yaml or .env of the user's own in the project folder isn't taken for the stack's.
  const docker = async (args: readonly string[], options: { signal?: AbortSignal; input?: Uint8Array }) =>
    await runProcess({ command: "docker", args, cwd: "/", env: cleanEnv, ...options });
  const dockerOrThrow = async (args: readonly string[], signal: AbortSignal, input?: Uint8Array) => {
    const result = await docker(args, { signal, ...(input === undefined ? {} : { input }) });
    if (result.exitCode !== 0) throw composeError(args, result);
  };

  return {
    versions: async (signal) => {
      const [compose, buildx] = await Promise.all([
        docker(["compose", "version", "--short"], { signal }),
        docker(["buildx", "version"], { signal }),
      ]);
      return {
        compose: compose.exitCode === 0 ? compose.stdout.trim() : undefined,
        // "github.com/docker/buildx 0.13.1 1a2b3c"
        buildx: buildx.exitCode === 0 ? buildx.stdout.trim().split(" ")[1] : undefined,
      };
    },
    up: async (file, { services, signal }) => {
      await dockerOrThrow(composeArgs.up(join(dir, file), services), signal);
    },
    down: async (project, { volumes, file, signal }) => {
      try {
        await dockerOrThrow(composeArgs.down(project, volumes), signal);
        return;
      } catch (error) {
        // Without a file it knows services by their containers alone, and fails where one depends on one that has none.
        if (!isFailure(error, /could not find .+: not found/u)) throw error;
      }
      try {
        if (file !== undefined) {
          await dockerOrThrow(composeArgs.down(project, volumes, join(dir, file)), signal);
          return;
        }
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
      // Whatever is still there ends as what no file describes: all at once, in no order.
      const nothing = new TextEncoder().encode("services: {}\n");
      await dockerOrThrow(composeArgs.down(project, volumes, "-"), signal, nothing);
    },
    run: async (file, service, args, { input, signal }) =>
      await docker(composeArgs.run(join(dir, file), service, args), {
        signal,
        ...(input === undefined ? {} : { input }),
      }),
    exec: async (project, service, command, { input, signal }) =>
      await docker(composeArgs.exec(project, service, command), {
        signal,
        ...(input === undefined ? {} : { input }),
      }),
  };
}

/** Whether Compose itself failed, in such words. */
function isFailure(error: unknown, words = /(?:)/u): boolean {
  return error instanceof StackError && error.code === "COMPOSE_FAILED" && words.test(error.message);
}

function composeError(args: readonly string[], { exitCode, stderr, stdout }: ProcessResult): StackError {
  const output = lastLines(stderr === "" ? stdout : stderr, 20);
  const command = `docker ${args.join(" ")}`;
  if (exitCode === 127) {
    return new StackError("COMPOSE_MISSING", "The `docker` command is not installed.", {
      hint: "Install it; on Debian as root: scripts/engine.sh",
    });
  }
  const port = /:(\d+)(?: failed)?: (?:bind: )?(?:port is already allocated|address already in use)/u.exec(
    stderr,
  )?.[1];
  if (port !== undefined) {
    return new StackError("PORT_TAKEN", `Port ${port} was taken by another while the stack started.`, {
      hint: "Run `stack up` again: it moves a default port, and names who holds a chosen one.",
      facts: { port: Number(port), command, log: output },
    });
  }
  const foreign = foreignThing(stderr);
  if (foreign !== undefined) {
    const [kind, name] = foreign;
    return new StackError("NAME_TAKEN", `A ${kind} that isn't the stack's has the name ${name}.`, {
      hint: `Remove it with \`${kind === "network" ? "docker network rm" : "docker rm --force"} ${name}\`, or choose another name for this project with \`project\` in stack.yaml; then run \`stack up\` again.`,
      facts: { kind, name, command, log: output },
    });
  }
  return new StackError(
    "COMPOSE_FAILED",
    `docker compose ended with exit code ${exitCode}: ${output.at(-1) ?? "it said nothing"}.`,
    {
      hint: "See `stack status`; correct the cause and run the command again.",
      facts: { command, exitCode, log: output },
    },
  );
}

/** The kind and name of what someone else made under a name that Compose wants; undefined when that isn't the trouble. */
function foreignThing(stderr: string): readonly ["container" | "network", string] | undefined {
  const container = /The container name "\/?([^"]+)" is already in use/u.exec(stderr)?.[1];
  if (container !== undefined) return ["container", container];
  const network = /network (\S+) was found but has incorrect label/u.exec(stderr)?.[1];
  return network === undefined ? undefined : ["network", network];
}
