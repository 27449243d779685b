import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { output, run } from "./run.ts";

/** What may become of a file: a write that was cut short, a disk that lied, a hand that slipped. */
export const damages = ["truncated", "emptied", "corrupted", "missing"] as const;

export async function damage(path: string, kind: (typeof damages)[number]): Promise<void> {
  const content = await readFile(path);
  if (kind === "missing") await rm(path);
  else if (kind === "emptied") await writeFile(path, "");
  else if (kind === "truncated") await writeFile(path, content.subarray(0, content.length / 2));
  else await writeFile(path, corrupted(content));
}

/** The same file with bytes in its middle that nobody wrote. */
function corrupted(content: Buffer): Buffer {
  const noise = createHash("sha512").update(content).digest();
  const middle = Math.floor(content.length / 2);
  return Buffer.concat([content.subarray(0, middle), noise, content.subarray(middle + noise.length)]);
}

/** Has nobody change a file, root neither, until what it returns is called. */
export async function protect(path: string): Promise<() => Promise<void>> {
  if ((await run("chattr", ["+i", path])).status === 0) {
    return async () => void (await output("chattr", ["-i", path]));
  }
  await output("mount", ["--bind", path, path]);
  await output("mount", ["-o", "remount,bind,ro", path]);
  return async () => void (await output("umount", [path]));
}
