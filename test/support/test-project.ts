import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ErrorDocument } from "../../src/output/error.ts";
import { usualLayoutSetting } from "./layouts.ts";
import { docker, dockerLines, repository, run, type Finished } from "./run.ts";

export interface Ports {
  readonly airflow: number;
  readonly mlflow: number;
  readonly s3: number;
  readonly console: number;
}

/** What `--json` prints when there is no result. */
export interface Failure {
  readonly error: ErrorDocument;
}

export interface TestPlace {
  /** A folder inside of the test's own; without it that itself. */
  readonly folder?: string;
  /** What goes before the tool's own command line to have it run elsewhere, as in another network. */
  readonly enter?: readonly string[];
}

/** A project folder of a test's own, with a name and ports that nobody else has. */
export interface TestProject {
  readonly dir: string;
  readonly enter: readonly string[];
  readonly name: string;
  readonly ports: Ports;
  path(...parts: string[]): string;
  /** Runs the built command line on this project. */
  stack(...args: string[]): Promise<Finished>;
  /** The same with `--json`; the document on stdout, whatever the status. */
  stackJson<T = Failure>(
    ...args: string[]
  ): Promise<{ readonly status: number; readonly json: T; readonly stderr: string }>;
  secret(name: string): Promise<string>;
  containerOf(service: string): Promise<string>;
  /** What of this project the engine holds: "container x", "volume y", "network z". */
  leftovers(): Promise<readonly string[]>;
  /** Removes everything and proves it; keeps it all with STACK_TEST_KEEP=1. */
  dispose(): Promise<void>;
}

export const cli = join(repository, "dist", "cli.js");

export async function createTestProject(
  label: string,
  { folder = ".", enter = [] }: TestPlace = {},
): Promise<TestProject> {
  const home = await mkdtemp(join(tmpdir(), `stack-${label}-`));
  const dir = join(home, folder);
  await mkdir(dir, { recursive: true });
  const name = `test-${label}-${home
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/gu, "x")}`;
  const [airflow = 0, mlflow = 0, s3 = 0, console = 0] = await freePorts(4);
  const ports = { airflow, mlflow, s3, console };
  await writeFile(join(dir, "stack.yaml"), settingsText(name, ports));

  const stack = async (...args: string[]): Promise<Finished> => {
    const [command, ...rest] = [...enter, process.execPath, cli, ...args, "--project-dir", dir];
    return await run(command, rest);
  };
  const leftovers = async (): Promise<readonly string[]> => await resourcesOf(name);
  return {
    dir,
    enter,
    name,
    ports,
    path: (...parts) => join(dir, ...parts),
    stack,
    stackJson: async <T>(...args: string[]) => {
      const { status, stdout, stderr } = await stack(...args, "--json");
      return { status, json: JSON.parse(stdout) as T, stderr };
    },
    secret: async (secret) => await secretOf(dir, secret),
    containerOf: async (service) => {
      const filters = [
        "--filter",
        `label=com.docker.compose.project=${name}`,
        "--filter",
        `label=com.docker.compose.service=${service}`,
      ];
      return await docker("ps", "--all", "--quiet", "--no-trunc", ...filters);
    },
    leftovers,
    dispose: async () => {
      if (process.env["STACK_TEST_KEEP"] === "1") return;
      await stack("down", "--volumes", "--yes");
      const left = await leftovers();
      if (left.length > 0) throw new Error(`still there after down --volumes: ${left.join(", ")}`);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A secret of the stack in `dir`; empty when there is none. */
export async function secretOf(dir: string, secret: string): Promise<string> {
  const text = await readFile(join(dir, ".stack", ".env"), "utf8");
  return new RegExp(`^STACK_SECRET_${secret}=(.*)$`, "mu").exec(text)?.[1] ?? "";
}

/** A stack.yaml with the usual layout, unless `more` says how Airflow is to be. */
export function settingsText(name: string, ports: Ports, more = ""): string {
  const layout = /^airflow:/mu.test(more) ? "" : usualLayoutSetting;
  const lines = Object.entries(ports).map(([key, port]) => `  ${key}: ${port}`);
  return `project: ${name}\n${layout}ports:\n${lines.join("\n")}\n${more}`;
}

/** Everything the engine has under a project's label. */
async function resourcesOf(project: string): Promise<readonly string[]> {
  const label = ["--filter", `label=com.docker.compose.project=${project}`];
  const [containers, volumes, networks] = await Promise.all([
    dockerLines("ps", "--all", "--format", "container {{.Names}}", ...label),
    dockerLines("volume", "ls", "--format", "volume {{.Name}}", ...label),
    dockerLines("network", "ls", "--format", "network {{.Name}}", ...label),
  ]);
  return [...containers, ...volumes, ...networks];
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      async (server) =>
        await new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map(async (server) => await new Promise((resolve) => server.close(resolve))));
  return ports;
}
