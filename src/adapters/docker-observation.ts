import type { ContainerInspectInfo } from "dockerode";
import { parseShape, v } from "../lib/schema.ts";
import type { ContainerObservation, EngineInfo } from "../stack/ports.ts";

export const serviceLabel = "com.docker.compose.service";
const states = ["created", "running", "paused", "restarting", "removing", "exited", "dead"] as const;
const healths = ["none", "starting", "healthy", "unhealthy"] as const;
// What Docker gives for a container that has never started.
const never = "0001-01-01T00:00:00Z";

/** Docker's description of a container, as far as it matters here. */
export function observationFrom(info: ContainerInspectInfo): ContainerObservation {
  const { State: state } = info;
  return {
    id: info.Id,
    name: info.Name.replace(/^\//u, ""),
    service: info.Config.Labels[serviceLabel] ?? "",
    state: v.parse(v.picklist(states), state.Status),
    health: healthOf(state.Health),
    ...(isUnchecked(state.Health) ? { isUnchecked: true } : {}),
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled,
    restartCount: info.RestartCount,
    createdAtMs: Date.parse(info.Created),
    startedAt: state.StartedAt === never ? undefined : state.StartedAt,
    startedAtMs: state.StartedAt === never ? undefined : Date.parse(state.StartedAt),
    image: info.Config.Image,
    healthOutput: (state.Health?.Log.at(-1)?.Output ?? "").trim(),
  };
}

type Health = ContainerInspectInfo["State"]["Health"];

/** Docker calls whatever it thaws unhealthy until its next healthcheck; what it found unhealthy has failures. */
function isUnchecked(health: Health): boolean {
  return health?.Status === "unhealthy" && health.FailingStreak === 0;
}

/** One whose last check was well is healthy; the others were starting, where failures don't count. */
function healthOf(health: Health): ContainerObservation["health"] {
  if (isUnchecked(health)) return health?.Log.at(-1)?.ExitCode === 0 ? "healthy" : "starting";
  return v.parse(v.optional(v.picklist(healths), "none"), health?.Status);
}

const infoSchema = v.object({
  ServerVersion: v.string(),
  MemTotal: v.number(),
  DockerRootDir: v.string(),
  Name: v.string(),
  NCPU: v.number(),
  OperatingSystem: v.optional(v.string(), ""),
  Driver: v.optional(v.string(), ""),
  SecurityOptions: v.nullish(v.array(v.string())),
  SystemTime: v.optional(v.string(), ""),
});

export function engineInfoFrom(answer: unknown): EngineInfo {
  const info = parseShape(infoSchema, answer, "The engine's description of itself", "ENGINE_UNREACHABLE");
  return {
    version: info.ServerVersion,
    memoryBytes: info.MemTotal,
    rootDir: info.DockerRootDir,
    hostName: info.Name,
    cpus: info.NCPU,
    system: info.OperatingSystem,
    storageDriver: info.Driver,
    // "name=seccomp,profile=builtin"
    security: (info.SecurityOptions ?? []).map((option) => option.replace(/^name=/u, "").split(",")[0] ?? ""),
    nowMs: Date.parse(info.SystemTime),
  };
}
