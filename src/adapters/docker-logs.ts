import { once } from "node:events";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import type { LogLine, LogRequest } from "../stack/engine-streams.ts";

const headerBytes = 8;

/** Takes chunks of a container's log as they come, and gives its lines, each with its time and stream. */
export function createLogReader(onLine: (line: LogLine) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  const unfinished = new Map<LogLine["stream"], LogLine>();

  // A line longer than 16 KiB comes in parts, of which each has a time before it and only the last ends.
  const readMessage = (stream: LogLine["stream"], message: string): void => {
    const space = message.indexOf(" ");
    const part = message.slice(space + 1);
    const begun = unfinished.get(stream) ?? { stream, at: message.slice(0, space), text: "" };
    const line = { ...begun, text: begun.text + part.replace(/\r?\n$/u, "") };
    if (part.endsWith("\n")) {
      unfinished.delete(stream);
      onLine(line);
    } else {
      unfinished.set(stream, line);
    }
  };

  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readUInt32BE(4);
      if (rest.length < end) return;
      readMessage(rest[0] === 2 ? "stderr" : "stdout", rest.toString("utf8", headerBytes, end));
      rest = rest.subarray(end);
    }
  };
}

/** Resolves when the log has been read, or its container has ended, or the signal aborts. */
export async function readContainerLog(
  container: Docker.Container,
  { tail, sinceMs, after, follow, signal }: LogRequest,
  onLine: (line: LogLine) => void,
): Promise<void> {
  const fromMs = after === undefined ? sinceMs : Date.parse(after);
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(tail === undefined ? {} : { tail }),
    ...(fromMs === undefined ? {} : { since: Math.floor(fromMs / 1000) }),
  };
  const read = createLogReader(onLine);
  if (!follow) {
    read(await container.logs({ ...options, follow }));
    return;
  }
  await readUntilAborted(await container.logs({ ...options, follow }), read, signal);
}

/** Reads a stream of the engine's to its end; an abort ends it without an error. */
export async function readUntilAborted(
  stream: NodeJS.ReadableStream,
  read: (chunk: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  const stop = (): void => {
    if (stream instanceof Readable) stream.destroy();
  };
  stream.on("data", read);
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) stop();
    else await once(stream, "end", { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
