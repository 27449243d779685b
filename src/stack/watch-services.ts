import type { Emit } from "./events.ts";
import type { ContainerEvent } from "./engine-streams.ts";
import { isFailed, judgeServices, type ServiceHealth } from "./health.ts";
import { createIncidents, isTrouble } from "./incidents.ts";
import type { Engine } from "./ports.ts";
import { serviceError } from "./service-error.ts";
import type { ServiceTarget } from "./service-target.ts";
import type { IncidentReport } from "./status-report.ts";

export interface WatchDeps {
  readonly engine: Engine;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Called after something has gone wrong and has been told. */
  readonly onIncident: () => void;
}

export interface ServiceWatch {
  /** What has gone wrong so far, newest last. */
  incidents(): readonly IncidentReport[];
  /** Opens the engine's stream of events, if it isn't open. */
  open(): void;
}

const mostIncidents = 5;

/** Names each service that dies or turns unhealthy in the moment that the engine tells of it. */
export function watchServices(target: ServiceTarget, deps: WatchDeps): ServiceWatch {
  const { engine, emit, signal, onIncident } = deps;
  const history = createIncidents();
  const told: IncidentReport[] = [];
  let isOpen = false;

  const tell = async (event: ContainerEvent): Promise<void> => {
    const health = judgeServices(
      target.services,
      target.oneShots,
      (await engine.containers(target.project)).filter(({ id }) => id === event.containerId),
    ).find(({ service }) => service === event.service);
    if (health === undefined || !isBad(event, health)) return;
    const { message, facts } = await serviceError(health, engine, history.historyOf(event.containerId));
    const log = Array.isArray(facts["log"]) ? facts["log"].map(String) : [];
    told.push({ service: event.service, at: event.at, message, log });
    if (told.length > mostIncidents) told.shift();
    emit({ kind: "note", level: "warning", text: [message, ...log.map((line) => `  | ${line}`)].join("\n") });
    onIncident();
  };

  return {
    incidents: () => [...told],
    open: () => {
      if (isOpen) return;
      isOpen = true;
      const watching = engine.watch(
        target.project,
        (event) => {
          const note = history.note(event);
          if (note !== undefined) emit(note);
          // An engine that is gone is what the next look at the stack finds.
          if (isTrouble(event)) tell(event).catch(() => undefined);
        },
        signal,
      );
      watching
        .catch(() => undefined)
        .finally(() => {
          isOpen = false;
        })
        .catch(() => undefined);
    },
  };
}

/** One that has died and runs again by now has still died. */
function isBad(event: ContainerEvent, health: ServiceHealth): boolean {
  return isFailed(health) || (event.kind === "died" && health.state === "starting");
}
