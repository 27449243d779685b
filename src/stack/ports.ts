/** The interfaces that the stack room needs from outside; adapters implement them, fakes stand in for them. */
import type { EngineStreams } from "./engine-streams.ts";
import type { ProjectFolder } from "./project-folder.ts";

export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
export type ContainerHealth = "none" | "starting" | "healthy" | "unhealthy";

export interface ContainerObservation {
  readonly id: string;
  readonly name: string;
  /** The Compose service that the container belongs to. */
  readonly service: string;
  readonly state: ContainerState;
  readonly health: ContainerHealth;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** ISO 8601; undefined while it has never started. */
  readonly startedAt: string | undefined;
  /** The same as milliseconds since 1970. */
  readonly startedAtMs: number | undefined;
  readonly image: string;
  /** What the last healthcheck printed; empty when there was none. */
  readonly healthOutput: string;
  /** Was frozen, and the engine calls it unhealthy until it has checked it again; `health` is from before. */
  readonly isUnchecked?: boolean;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface EngineInfo {
  readonly version: string;
  /** Memory that containers can use in all, bytes. */
  readonly memoryBytes: number;
  readonly rootDir: string;
  /** The engine's host name; equal to ours when it runs on this machine. */
  readonly hostName: string;
  readonly cpus: number;
  /** "Debian GNU/Linux 12 (bookworm)", "Docker Desktop". */
  readonly system: string;
  readonly storageDriver: string;
  /** Of what it protects containers with: "rootless", "selinux", "userns". */
  readonly security: readonly string[];
  /** Its clock, milliseconds since 1970. */
  readonly nowMs: number;
}

export interface PublishedPort {
  readonly port: number;
  /** Of this machine: "127.0.0.1", or "0.0.0.0" for all that it has. */
  readonly address: string;
  readonly container: string;
  /** The Compose project of the container and its service there, if it has them. */
  readonly project: string | undefined;
  readonly service: string | undefined;
}

export interface ProjectResources {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/** The Docker daemon. Every call throws ENGINE_UNREACHABLE when it doesn't answer. */
export interface Engine extends EngineStreams {
  info(): Promise<EngineInfo>;
  containers(project: string): Promise<readonly ContainerObservation[]>;
  /** Memory in use per container id, bytes, without the page cache. */
  memory(containerIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The environment that a container was given. */
  environment(containerId: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Runs a command in a container, as its user; any exit code is a result, 128 where it runs no more, 124 where the
   * command hasn't ended in time, two minutes by default.
   */
  exec(
    containerId: string,
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    limitMs?: number,
  ): Promise<ExecResult>;
  /** A small text file of a container; undefined when there is none. */
  readFile(containerId: string, path: string): Promise<string | undefined>;
  /** The labels of a local image; undefined when there is no such image. */
  imageLabels(reference: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The address that containers reach the engine's machine by; undefined when the engine doesn't tell. */
  hostGateway(): Promise<string | undefined>;
  publishedPorts(): Promise<readonly PublishedPort[]>;
  /** Freezes running containers; `unpause` has them back. */
  pause(containerIds: readonly string[]): Promise<void>;
  unpause(containerIds: readonly string[]): Promise<void>;
  /** Stops running containers, as gently as they ask for, and starts them again. */
  restart(containerIds: readonly string[]): Promise<void>;
  /** Ids of all that carries the project's label. */
  resources(project: string): Promise<ProjectResources>;
  /** Removes containers and networks, and volumes too when asked. */
  remove(resources: ProjectResources): Promise<void>;
}

/** The `docker compose` command line. */
export interface Compose {
  /** Versions of the Compose and buildx plugins; undefined for one that isn't installed. */
  versions(
    signal: AbortSignal,
  ): Promise<{ readonly compose: string | undefined; readonly buildx: string | undefined }>;
  /** Starts every service, or only those that are named; resolves when Compose has. Throws COMPOSE_FAILED. */
  up(
    file: string,
    options: { readonly services?: readonly string[]; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Stops and removes containers and networks of the project; `file` tells of services that have no container. Throws COMPOSE_FAILED. */
  down(
    project: string,
    options: { readonly volumes: boolean; readonly file?: string; readonly signal: AbortSignal },
  ): Promise<void>;
  /**
   * Runs a service's program once in a container of its own, with what it depends on left as it is, and removes the
   * container; any exit code is a result. `args` replace the service's command.
   */
  run(
    file: string,
    service: string,
    args: readonly string[],
    options: { readonly input?: Uint8Array; readonly signal: AbortSignal },
  ): Promise<ExecResult>;
  /** Runs a command in a service's running container, as that container's user. */
  exec(
    project: string,
    service: string,
    command: readonly string[],
    options: { readonly input?: Uint8Array; readonly signal: AbortSignal },
  ): Promise<ExecResult>;
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** This machine. */
export interface System {
  readonly hostName: string;
  /** Whether an IP address is one of this machine's. */
  hasAddress(address: string): Promise<boolean>;
  isPortFree(host: string, port: number): Promise<boolean>;
  /** The process that listens on a port, as far as this user may see. */
  portHolder(port: number): Promise<PortHolder | undefined>;
  /** Free bytes of the file system that holds `path`; undefined when it can't be seen from here. */
  freeDiskBytes(path: string): Promise<number | undefined>;
  /** Free memory of this machine, bytes. */
  freeMemoryBytes(): Promise<number>;
  randomBytes(count: number): Uint8Array;
  /** SHA-256, hex. */
  digest(text: string): string;
  /** HMAC with SHA-512, base64url without padding: how Airflow signs its tokens. */
  sign(key: string, text: string): string;
  /** The public certificate authorities, in PEM. */
  publicAuthorities(): string;
  /** The HTTP status of a GET; undefined when nothing answers within 5 s. */
  httpStatus(url: string): Promise<number | undefined>;
}

/** Why a file can't be written: its file system, a mark that holds for everybody, or whose it is. */
export type Barrier = "read-only" | "protected" | "denied";

/** The user's project folder, and what lies in it. Paths are relative to it. */
export interface ProjectFiles extends ProjectFolder {
  readonly dir: string;
  /** The folder's own name. */
  readonly name: string;
  /** Six hex digits made of the folder's real path. */
  readonly id: string;
  read(path: string): Promise<string | undefined>;
  /** Replaces the file in one step; `mode` as in chmod, default 0644. Throws FILE_UNWRITABLE. */
  write(path: string, content: string, mode?: number): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Permission bits; undefined for a file that isn't there. */
  mode(path: string): Promise<number | undefined>;
  /** What keeps this user from writing there, or from making it there; undefined when nothing does. */
  barrier(path: string): Promise<Barrier | undefined>;
  /** Creates a folder and its parents; an existing one keeps its contents and gets `mode`, if given. */
  ensureDir(path: string, mode?: number): Promise<void>;
  /** Reads any file of the machine, relative paths from the caller's working directory; undefined without one. Throws CONFIG_INVALID. */
  readOutside(path: string): Promise<Uint8Array | undefined>;
}
