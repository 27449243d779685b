import type { ContainerEvent } from "./engine-streams.ts";
import type { StackEvent } from "./events.ts";

/** What a container has come to since its project is watched. */
export interface History {
  readonly deaths: number;
  readonly wasOutOfMemory: boolean;
  /** The signal that someone sent it last; the kernel's are not told. */
  readonly signal: number | undefined;
}

/** What the engine has told about the containers of a project. */
export interface Incidents {
  /** Returns what is worth telling though the container may live on. */
  note(event: ContainerEvent): StackEvent | undefined;
  historyOf(containerId: string): History;
  /** Whether a container died, and not because it was asked to. */
  diedByItself(containerId: string): boolean;
}

const sigkill = 9;

/** Whether an event tells of something that went wrong, or may have. */
export function isTrouble({ kind }: ContainerEvent): boolean {
  return kind === "died" || kind === "unhealthy" || kind === "out-of-memory";
}

export function createIncidents(): Incidents {
  const events: ContainerEvent[] = [];
  return {
    note: (event) => {
      const { kind, service } = event;
      const lastBirthOrLimit = events.findLast(
        (one) => one.containerId === event.containerId && (one.kind === "started" || one.kind === kind),
      );
      events.push(event);
      // The kernel tells of each process that it ends.
      if (kind !== "out-of-memory" || lastBirthOrLimit?.kind === kind) return undefined;
      const text = `${service} reached its memory limit, and the kernel ended a process of it`;
      return { kind: "note", level: "warning", text };
    },
    historyOf: (containerId) => {
      const own = events.filter((event) => event.containerId === containerId);
      return {
        deaths: own.filter(({ kind }) => kind === "died").length,
        wasOutOfMemory: own.some(({ kind }) => kind === "out-of-memory"),
        signal: own.findLast(({ kind }) => kind === "signalled")?.signal,
      };
    },
    diedByItself: (containerId) => {
      const own = events.filter((event) => event.containerId === containerId);
      const death = own.findLastIndex(({ kind }) => kind === "died");
      if (death === -1) return false;
      const life = own.slice(own.slice(0, death).findLastIndex(({ kind }) => kind === "started") + 1, death);
      // Compose ends what it replaces with the image's own stop signal, and by force only after that.
      return !life.some(({ kind, signal }) => kind === "signalled" && signal !== sigkill);
    },
  };
}
