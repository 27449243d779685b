import { cpus, totalmem } from "node:os";
import { exec } from "./exec.ts";
import type { Images } from "./images.ts";

/** What the figures hang on: lines of "name: value". */
export async function describeMachine(images: Images): Promise<readonly string[]> {
  const first = async (command: string, ...args: readonly string[]): Promise<string> =>
    (await exec(command, args)).stdout.trim();
  const [engine, compose] = await Promise.all([
    first("docker", "version", "--format", "{{.Server.Version}}"),
    first("docker", "compose", "version", "--short"),
  ]);
  const cores = cpus();
  return [
    `date: ${new Date().toISOString().slice(0, 10)}`,
    `machine: ${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
    `Docker engine: ${engine}, Compose ${compose}, Node.js ${process.versions.node}`,
    `images: ${Object.values(images).join(", ")}`,
  ];
}
