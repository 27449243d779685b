import type { ContainerObservation } from "./ports.ts";

export type ServiceState =
  | "absent"
  | "starting"
  | "healthy"
  | "unhealthy"
  | "paused"
  | "exited"
  /** A one-shot that ended with status 0. */
  | "completed";

export interface ServiceHealth {
  readonly service: string;
  readonly state: ServiceState;
  /** Why, when it isn't well: an exit code, a healthcheck's words; else empty. */
  readonly detail: string;
  readonly container: ContainerObservation | undefined;
}

/** Conclusions about each service of the stack, in the order given. */
export function judgeServices(
  services: readonly string[],
  oneShots: readonly string[],
  containers: readonly ContainerObservation[],
): readonly ServiceHealth[] {
  return services.map((service) => {
    const container = containers.find((one) => one.service === service);
    const [state, detail] = judge(container, oneShots.includes(service));
    return { service, state, detail, container };
  });
}

function judge(
  container: ContainerObservation | undefined,
  isOneShot: boolean,
): readonly [ServiceState, string] {
  if (container === undefined) return ["absent", ""];
  switch (container.state) {
    case "created":
      return ["starting", "waits for what it depends on"];
    case "restarting":
      return ["starting", `restarting, ${container.restartCount} times so far`];
    case "paused":
      return ["paused", ""];
    case "running":
      return judgeRunning(container, isOneShot);
    case "removing":
    case "exited":
    case "dead":
      return isOneShot && container.exitCode === 0 ? ["completed", ""] : ["exited", exitDetail(container)];
  }
}

function judgeRunning(container: ContainerObservation, isOneShot: boolean): readonly [ServiceState, string] {
  if (isOneShot) return ["starting", "at work"];
  if (container.health === "unhealthy") return ["unhealthy", container.healthOutput];
  // Without a healthcheck, as an image of the user's may be, running is all there is to know.
  return container.health === "starting" ? ["starting", container.healthOutput] : ["healthy", ""];
}

function exitDetail(container: ContainerObservation): string {
  if (container.oomKilled) return "killed because it reached its memory limit";
  return `exit code ${container.exitCode}`;
}

export function isWell(health: ServiceHealth): boolean {
  return health.state === "healthy" || health.state === "completed";
}

export function isFailed(health: ServiceHealth): boolean {
  return health.state === "unhealthy" || health.state === "exited";
}
