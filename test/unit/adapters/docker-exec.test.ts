import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { framesOf, readArchivedFile } from "../../../src/adapters/docker-exec.ts";

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

describe("the multiplexed stream", () => {
  test("is taken apart into the writes of stdout and stderr, in order", () => {
    const frames = framesOf(Buffer.concat([frame(1, "out"), frame(2, "größer"), frame(1, "")]));
    expect(frames.map(({ stream, data }) => [stream, data.toString()])).toEqual([
      [1, "out"],
      [2, "größer"],
      [1, ""],
    ]);
  });

  test("that was cut off gives what is there", () => {
    const whole = Buffer.concat([frame(1, "first"), frame(1, "second")]);
    expect(framesOf(whole.subarray(0, whole.length - 3)).map(({ data }) => data.toString())).toEqual([
      "first",
      "sec",
    ]);
    expect(framesOf(Buffer.alloc(0))).toEqual([]);
    expect(framesOf(whole.subarray(0, 5))).toEqual([]);
  });
});

test("the one file of an archive is its content, without the padding", async () => {
  const content = Buffer.from('{"state": "größer"}');
  const header = Buffer.alloc(512);
  header.write("status.json", 0);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  const archive = Buffer.concat([header, content, Buffer.alloc(2048 - 512 - content.length)]);
  await expect(
    readArchivedFile(Readable.from([archive.subarray(0, 100), archive.subarray(100)])),
  ).resolves.toBe(content.toString());
});
