import Docker, { type ContainerInspectInfo } from "dockerode";
import type { Engine, ProjectResources } from "../stack/ports.ts";
import { dockerOptions, type DockerProofs } from "./docker-address.ts";
import { engineError } from "./docker-errors.ts";
import { watchContainers } from "./docker-events.ts";
import { execInContainer, readArchivedFile } from "./docker-exec.ts";
import { readContainerLog } from "./docker-logs.ts";
import { engineInfoFrom, observationFrom, serviceLabel } from "./docker-observation.ts";

const projectLabel = "com.docker.compose.project";
const longestExecMs = 120_000;

/** `host` as in DOCKER_HOST; undefined is the default socket. */
export function createDockerEngine(host: string | undefined, proofs?: DockerProofs): Engine {
  const docker = new Docker(dockerOptions(host, proofs));
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw engineError(error, host);
    }
  };
  // A container keeps the environment that it was made with.
  const environments = new Map<string, Readonly<Record<string, string>>>();
  const inspect = async (id: string): Promise<ContainerInspectInfo | undefined> => {
    const container = await unlessGone(docker.getContainer(id).inspect());
    if (container !== undefined) environments.set(container.Id, environmentOf(container));
    return container;
  };
  const withLabel = (project: string) => ({ label: [`${projectLabel}=${project}`] });

  return {
    info: async () => engineInfoFrom(await call(async (): Promise<unknown> => await docker.info())),
    containers: async (project) =>
      await call(async () => {
        const listed = await docker.listContainers({ all: true, filters: withLabel(project) });
        const inspected = await Promise.all(listed.map(async ({ Id }) => await inspect(Id)));
        return inspected.flatMap((one) => (one === undefined ? [] : [observationFrom(one)]));
      }),
    memory: async (ids) =>
      await call(async () => {
        const entries = await Promise.all(
          ids.map(async (id) => {
            const stats = await unlessGone(
              docker.getContainer(id).stats({ stream: false, "one-shot": true }),
            );
            return stats === undefined ? [] : ([[id, memoryInUse(stats)]] as const);
          }),
        );
        return new Map(entries.flat());
      }),
    readLog: async (id, request, onLine) => {
      await call(async () => {
        await unlessGone(readContainerLog(docker.getContainer(id), request, onLine));
      });
    },
    watch: async (project, onEvent, signal) => {
      await call(async () => {
        await watchContainers(docker, `${projectLabel}=${project}`, onEvent, signal);
      });
    },
    environment: async (id) =>
      await call(async () => {
        const known = environments.get(id);
        if (known !== undefined) return known;
        const container = await inspect(id);
        return container === undefined ? {} : environmentOf(container);
      }),
    exec: async (id, command, env, limitMs = longestExecMs) =>
      await call(async () => await execInContainer(docker.getContainer(id), command, env, limitMs)),
    readFile: async (id, path) =>
      await call(async () => {
        const archive = await unlessGone(docker.getContainer(id).getArchive({ path }));
        return archive === undefined ? undefined : await readArchivedFile(archive);
      }),
    imageLabels: async (reference) =>
      await call(async () => {
        const image = await unlessGone(docker.getImage(reference).inspect());
        // An image without labels has null here, whatever the types say.
        return image === undefined ? undefined : { ...image.Config.Labels };
      }),
    hostGateway: async () =>
      await call(async () => {
        const bridge = await unlessGone(docker.getNetwork("bridge").inspect());
        const gateways = (bridge?.IPAM?.Config ?? []).map((config) => config["Gateway"]);
        return gateways.find((address) => address?.includes(".") === true);
      }),
    publishedPorts: async () =>
      await call(async () => {
        const listed = await docker.listContainers();
        return listed.flatMap((container) =>
          container.Ports.flatMap(({ PublicPort, Type, IP }) =>
            PublicPort === undefined || Type !== "tcp"
              ? []
              : [
                  {
                    port: PublicPort,
                    address: IP,
                    container: (container.Names[0] ?? container.Id).replace(/^\//u, ""),
                    project: container.Labels[projectLabel],
                    service: container.Labels[serviceLabel],
                  },
                ],
          ),
        );
      }),
    pause: async (ids) => {
      await call(async () => {
        await Promise.all(ids.map(async (id): Promise<unknown> => await docker.getContainer(id).pause()));
      });
    },
    unpause: async (ids) => {
      await call(async () => {
        await Promise.all(ids.map(async (id): Promise<unknown> => await docker.getContainer(id).unpause()));
      });
    },
    restart: async (ids) => {
      await call(async () => {
        await Promise.all(ids.map(async (id): Promise<unknown> => await docker.getContainer(id).restart()));
      });
    },
    resources: async (project) => await call(async () => await listResources(docker, withLabel(project))),
    remove: async ({ containers, networks, volumes }) => {
      await call(async () => {
        // Networks and volumes can go only when no container uses them any more.
        await removeAll(containers.map((id) => docker.getContainer(id).remove({ force: true })));
        await removeAll(networks.map((id) => docker.getNetwork(id).remove()));
        await removeAll(volumes.map((name) => docker.getVolume(name).remove()));
      });
    },
  };
}

async function listResources(docker: Docker, filters: { label: string[] }): Promise<ProjectResources> {
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return {
    containers: containers.map(({ Id }) => Id),
    networks: networks.map(({ Id }) => Id),
    volumes: volumes.Volumes.map(({ Name }) => Name),
  };
}

/** A thing that went away between listing it and asking for it is no error. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return undefined;
    throw error;
  }
}

function environmentOf({ Config }: ContainerInspectInfo): Readonly<Record<string, string>> {
  // A container without variables has null here, whatever the types say.
  const lines: readonly string[] | null = Config.Env;
  return Object.fromEntries((lines ?? []).map(splitVariable));
}

function splitVariable(line: string): readonly [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

async function removeAll(removals: readonly Promise<unknown>[]): Promise<void> {
  await Promise.all(removals.map(async (removal) => await unlessGone(removal)));
}

/** Without the page cache that the kernel gives back by itself, as `docker stats` counts: cgroup v2, else v1. */
function memoryInUse({ memory_stats: memory }: Docker.ContainerStats): number {
  const stats: Readonly<Record<string, number>> = { ...memory.stats };
  const cache = stats["inactive_file"] ?? stats["total_inactive_file"] ?? 0;
  return Math.max(0, (memory.usage ?? 0) - cache);
}
