import type { Emit } from "./events.ts";
import type { Incidents } from "./incidents.ts";
import type { ContainerObservation } from "./ports.ts";

/**
 * Tells whether there are containers that ran before and have ended since, such as a scheduler whose database was gone;
 * while a start is under way, only those that it didn't end itself. Names each once, at once.
 */
export function createLostFinder(
  before: readonly ContainerObservation[],
  incidents: Pick<Incidents, "diedByItself">,
  emit: Emit,
): (containers: readonly ContainerObservation[], isUnderWay: boolean) => boolean {
  const ran = before.filter(({ state }) => state === "running");
  const told = new Set<string>();
  return (containers, isUnderWay) => {
    const lost = containers.filter(
      (one) => one.state === "exited" && isOld(one, ran) && (!isUnderWay || incidents.diedByItself(one.id)),
    );
    for (const { id, service, exitCode } of lost.filter((one) => !told.has(one.id))) {
      told.add(id);
      const text = `${service} has ended meanwhile (exit code ${exitCode}) and is started again`;
      emit({ kind: "note", level: "warning", text });
    }
    return lost.length > 0;
  };
}

/** Whether a container is one of those from before, and was not started again. */
export function isOld(one: ContainerObservation, before: readonly ContainerObservation[]): boolean {
  return before.some((old) => old.id === one.id && old.startedAt === one.startedAt);
}
