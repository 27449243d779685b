import { readdir, readFile, readlink } from "node:fs/promises";
import type { PortHolder } from "../stack/ports.ts";

/** The process that listens on a TCP port; undefined when there is none that this user may see. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  return process.platform === "linux" ? await fromProc(port) : await fromLsof(port);
}

const listening = "0A";

/** From the kernel's own tables, which need no other program. */
async function fromProc(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map(async (name) => await readIfThere(`/proc/net/${name}`)),
  );
  const inodes = new Set(
    tables
      .flatMap((table) => table.split("\n").slice(1))
      .map((line) => line.trim().split(/\s+/u))
      .filter(
        (fields) => fields[3] === listening && Number.parseInt(fields[1]?.split(":")[1] ?? "", 16) === port,
      )
      .map((fields) => `socket:[${fields[9] ?? ""}]`),
  );
  if (inodes.size === 0) return undefined;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const holders = await Promise.all(pids.map(async (pid) => ((await holdsOne(pid, inodes)) ? [pid] : [])));
  const [pid] = holders.flat();
  if (pid === undefined) return undefined;
  const command = (await readIfThere(`/proc/${pid}/cmdline`)).replaceAll("\0", " ").trim();
  return { pid: Number(pid), command: shorten(command) };
}

async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const targets = await Promise.all(descriptors.map(async (fd) => await linkOf(`/proc/${pid}/fd/${fd}`)));
    return targets.some((target) => inodes.has(target));
  } catch {
    // Ended meanwhile, or another user's.
    return false;
  }
}

async function fromLsof(port: number): Promise<PortHolder | undefined> {
  // Seldom needed, and what it loads takes a command a twentieth of a second.
  const { runProcess } = await import("./process.ts");
  const { exitCode, stdout } = await runProcess({
    command: "lsof",
    args: ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"],
  });
  const pid = /^p(\d+)$/mu.exec(stdout)?.[1];
  const command = /^c(.+)$/mu.exec(stdout)?.[1] ?? "unknown";
  return exitCode === 0 && pid !== undefined ? { pid: Number(pid), command } : undefined;
}

async function linkOf(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch {
    return "";
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

function shorten(command: string): string {
  return command.length <= 100 ? command : `${command.slice(0, 99)}…`;
}
