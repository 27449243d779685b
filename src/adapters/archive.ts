import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { StackError } from "../lib/errors.ts";
import type { ArchiveEntry, Archiver } from "../stack/report/archive.ts";

const blockBytes = 512;
const compress = promisify(gzip);

/** `now` gives milliseconds since 1970. */
export function createArchiver(now: () => number): Archiver {
  return {
    write: async ({ target, folder, entries }) => {
      const time = new Date(now()).toISOString().replaceAll(/[:.]/gu, "-");
      const path = target === undefined ? join(folder, `stack-report-${time}.tar.gz`) : resolve(target);
      const content = await compress(tarOf(entries, now()));
      try {
        await writeFile(path, content, { mode: 0o600, flag: "wx" });
      } catch (error) {
        throw unwritable(path, error);
      }
      return { path, bytes: content.length };
    },
  };
}

/** The entries as a tar file; a pure function. */
function tarOf(entries: readonly ArchiveEntry[], nowMs: number): Buffer {
  const blocks = entries.flatMap(({ path, text }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
    return [headerOf(path, content.length, nowMs), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

/** As POSIX has it: fixed fields of text, numbers in octal, and the sum of all bytes with blanks for itself. */
function headerOf(path: string, size: number, nowMs: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  const fields: readonly (readonly [number, string])[] = [
    [0, path],
    [100, octal(0o600, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(size, 11)],
    [136, octal(Math.floor(nowMs / 1000), 11)],
    [148, " ".repeat(8)],
    [156, "0"],
    [257, "ustar\0"],
    [263, "00"],
  ];
  for (const [at, text] of fields) header.write(text, at);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function unwritable(path: string, error: unknown): StackError {
  if (error instanceof Error && "code" in error && error.code === "EEXIST") {
    return new StackError("USAGE", `${path} is there already.`, { hint: "Give another name with --output." });
  }
  const words = error instanceof Error ? error.message : String(error);
  return new StackError("FILE_UNWRITABLE", `${path} can't be written: ${words}.`, {
    cause: error,
    hint: "Name a place that this user may write to with --output.",
    facts: { path },
  });
}
