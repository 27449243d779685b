import { describe, expect, test } from "vitest";
import { createLogReader } from "../../../src/adapters/docker-logs.ts";
import type { LogLine } from "../../../src/stack/engine-streams.ts";

const at = "2026-01-02T03:04:05.123456789Z";

function frame(stream: number, text: string): Buffer {
  const data = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

function linesFrom(chunks: readonly Buffer[]): readonly LogLine[] {
  const lines: LogLine[] = [];
  const read = createLogReader((line) => lines.push(line));
  for (const chunk of chunks) read(chunk);
  return lines;
}

describe("a container's log", () => {
  const log = Buffer.concat([frame(1, `${at} größer\n`), frame(2, `${at} \n`), frame(1, `${at} a b\r\n`)]);
  const expected = [
    { stream: "stdout", at, text: "größer" },
    { stream: "stderr", at, text: "" },
    { stream: "stdout", at, text: "a b" },
  ];

  test("is read as lines with their times", () => {
    expect(linesFrom([log])).toEqual(expected);
  });

  test("is the same however the network cuts it", () => {
    for (let cut = 1; cut < log.length; cut++) {
      expect(linesFrom([log.subarray(0, cut), log.subarray(cut)])).toEqual(expected);
    }
  });

  test("has a line whole that came in parts, with lines of the other stream between them", () => {
    const chunks = [frame(1, `${at} long `), frame(2, `${at} other\n`), frame(1, `${at} line\n`)];
    expect(linesFrom(chunks)).toEqual([
      { stream: "stderr", at, text: "other" },
      { stream: "stdout", at, text: "long line" },
    ]);
  });
});
