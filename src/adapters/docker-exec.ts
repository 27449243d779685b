import { addAbortSignal } from "node:stream";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import type { ExecResult } from "../stack/ports.ts";

const notRunning = 128;
const notEnded = 124;

/**
 * Runs a command in a container and waits for its end; one that runs no more, or is frozen, gives exit code 128. One that
 * hasn't ended in time gives 124, as `timeout` does, and goes on by itself: the engine can't end it.
 */
export async function execInContainer(
  container: Docker.Container,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<ExecResult> {
  try {
    return await execInRunning(container, command, env, limitMs);
  } catch (error) {
    const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
    if (status !== 404 && status !== 409) throw error;
    return { exitCode: notRunning, stdout: "", stderr: "the container is not running" };
  }
}

async function execInRunning(
  container: Docker.Container,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<ExecResult> {
  const exec = await container.exec({
    Cmd: [...command],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
  });
  const limit = AbortSignal.timeout(limitMs);
  const frames = await readFrames(addAbortSignal(limit, await exec.start({})), limit);
  if (frames === undefined) {
    const stderr = `the command has not ended after ${limitMs / 1000} s`;
    return { exitCode: notEnded, stdout: "", stderr };
  }
  const { ExitCode: exitCode } = await exec.inspect();
  const textOf = (stream: number): string =>
    Buffer.concat(frames.filter((frame) => frame.stream === stream).map((frame) => frame.data)).toString(
      "utf8",
    );
  return { exitCode: exitCode ?? 1, stdout: textOf(1), stderr: textOf(2) };
}

/** Undefined when the limit came first. */
async function readFrames(
  stream: NodeJS.ReadableStream,
  limit: AbortSignal,
): Promise<readonly Frame[] | undefined> {
  try {
    return framesOf(await buffer(stream));
  } catch (error) {
    if (limit.aborted) return undefined;
    throw error;
  }
}

interface Frame {
  /** 1 is stdout, 2 is stderr. */
  readonly stream: number;
  readonly data: Buffer;
}

/** Each write of a container comes as 8 bytes of header, the last four its length, and the data. */
export function framesOf(multiplexed: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + 8 <= multiplexed.length;) {
    const end = at + 8 + multiplexed.readUInt32BE(at + 4);
    frames.push({ stream: multiplexed[at] ?? 0, data: multiplexed.subarray(at + 8, end) });
    at = end;
  }
  return frames;
}

/** The one file in a tar archive, as the engine gives it: a header block with the size in octal, and the content. */
export async function readArchivedFile(archive: NodeJS.ReadableStream): Promise<string> {
  const tar = await buffer(archive);
  const size = Number.parseInt(tar.toString("latin1", 124, 136), 8);
  return tar.toString("utf8", 512, 512 + size);
}
