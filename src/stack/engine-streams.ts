/** What the engine tells as it happens. */

/** One line that a container wrote. */
export interface LogLine {
  readonly stream: "stdout" | "stderr";
  /** When, in ISO 8601 with nine digits of a second, so that lines sort by it. */
  readonly at: string;
  readonly text: string;
}

export interface LogRequest {
  /** The last lines only, of those that `sinceMs` leaves; undefined for all. */
  readonly tail?: number | undefined;
  /** Milliseconds since 1970; whole seconds count. */
  readonly sinceMs?: number | undefined;
  /** The time of a line, from whose second on. */
  readonly after?: string | undefined;
  /** Goes on with what the container writes, until it ends. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface ContainerEvent {
  readonly kind: "started" | "signalled" | "died" | "out-of-memory" | "unhealthy";
  readonly containerId: string;
  readonly service: string;
  /** ISO 8601, by the engine's clock. */
  readonly at: string;
  /** Of `died`. */
  readonly exitCode: number | undefined;
  /** The number of the signal, of `signalled`. */
  readonly signal: number | undefined;
}

/** Resolves when what is followed ends, or when the signal aborts. */
export interface EngineStreams {
  /** Every line of a container's log, oldest first; none of a container that isn't there. */
  readLog(containerId: string, request: LogRequest, onLine: (line: LogLine) => void): Promise<void>;
  /** What happens to a project's containers from now on; throws ENGINE_UNREACHABLE when the engine goes away. */
  watch(project: string, onEvent: (event: ContainerEvent) => void, signal: AbortSignal): Promise<void>;
}
