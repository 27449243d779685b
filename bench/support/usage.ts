import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { findDockerHost } from "../../src/adapters/docker-host.ts";

export interface Usage {
  readonly memoryGib: number;
  /** Per cent of one core. */
  readonly cpuPercent: number;
}

/** What all containers of some projects use together, over `seconds`. */
export async function usageOf(projects: readonly string[], seconds: number): Promise<Usage> {
  const before = await totals(projects);
  const startedMs = performance.now();
  await sleep(seconds * 1000);
  const after = await totals(projects);
  const elapsedNs = (performance.now() - startedMs) * 1e6;
  return {
    memoryGib: after.memoryBytes / 1024 ** 3,
    cpuPercent: ((after.cpuNs - before.cpuNs) / elapsedNs) * 100,
  };
}

async function totals(projects: readonly string[]) {
  const host = await findDockerHost(process.env);
  if (host !== undefined) process.env["DOCKER_HOST"] = host;
  const docker = new Docker();
  const lists = await Promise.all(
    projects.map(
      async (project) =>
        await docker.listContainers({ filters: { label: [`com.docker.compose.project=${project}`] } }),
    ),
  );
  const stats = await Promise.all(
    lists
      .flat()
      .map(async ({ Id }) => await docker.getContainer(Id).stats({ stream: false, "one-shot": true })),
  );
  return {
    memoryBytes: sum(stats.map(withoutPageCache)),
    cpuNs: sum(stats.map(({ cpu_stats: { cpu_usage: usage } }) => usage.total_usage)),
  };
}

/** As `docker stats` counts: cgroup v2, else v1. */
function withoutPageCache({ memory_stats: memory }: Docker.ContainerStats): number {
  const details: Readonly<Record<string, number>> = { ...memory.stats };
  return memory.usage - (details["inactive_file"] ?? details["total_inactive_file"] ?? 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
