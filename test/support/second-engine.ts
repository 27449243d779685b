import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, open, readFile, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { output, run } from "./run.ts";

/** A Docker engine of a test's own on a disk of its own, so that killing or filling it touches nobody else. */
export interface SecondEngine {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Goes before a command that is to reach the ports that the engine's containers publish. */
  readonly enter: readonly string[];
  readonly rootDir: string;
  /** Copies images of the engine that DOCKER_HOST names. */
  load(images: readonly string[]): Promise<void>;
  /** Ends it without a warning, its containers not; returns when, by the time of day. */
  kill(): Promise<number>;
  /** Starts it after that, and waits until it answers. */
  start(): Promise<void>;
  /** Takes all of its disk but this many bytes. */
  fill(freeBytes: number): Promise<void>;
  /** Gives back what `fill` took. */
  clear(): Promise<void>;
  /** Ends it with all that runs on it, and removes its disk. */
  dispose(): Promise<void>;
}

// Copying the stack's images takes room for them twice. Only what is written takes any on this machine.
const diskSize = "20G";
const startLimitMs = 60_000;

/** As root on Linux. What has been made by then is removed again when it fails. */
export async function startSecondEngine(): Promise<SecondEngine> {
  const home = await mkdtemp(join(tmpdir(), "stack-engine-"));
  try {
    await mountDisk(home);
    const holder = await holdNamespaces();
    const engine = engineIn(home, holder);
    try {
      await engine.start();
      return engine;
    } catch (error) {
      await engine.dispose();
      throw error;
    }
  } catch (error) {
    await removeHome(home);
    throw error;
  }
}

function engineIn(home: string, holder: Holder): SecondEngine {
  const path = (name: string): string => join(home, name);
  const disk = path("disk");
  const rootDir = join(disk, "docker");
  const ballast = join(disk, "ballast");
  const host = `unix://${path("docker.sock")}`;
  let daemon: ChildProcess | undefined;
  return {
    host,
    enter: ["nsenter", `--target=${holder.pid}`, "--net", "--"],
    rootDir,
    load: async (images) => {
      const script = `docker save "$@" | DOCKER_HOST=${host} docker load --quiet`;
      await output("bash", ["-o", "pipefail", "-c", script, "load", ...images]);
    },
    kill: async () => {
      const pid = await childOf(daemon?.pid);
      const killedMs = Date.now();
      process.kill(pid, "SIGKILL");
      if (daemon?.exitCode === null && daemon.signalCode === null) await once(daemon, "exit");
      return killedMs;
    },
    start: async () => {
      // What an engine that was killed leaves: the next one would wait for a containerd that is dead.
      await rm(path("exec/containerd/containerd.pid"), { force: true });
      await rm(path("docker.pid"), { force: true });
      const log = await open(path("log"), "a");
      const args = [
        `--target=${holder.pid}`,
        "--net",
        "--mount",
        "--pid",
        "--",
        "dockerd",
        `--host=${host}`,
        `--data-root=${rootDir}`,
        `--exec-root=${path("exec")}`,
        `--pidfile=${path("docker.pid")}`,
        `--cgroup-parent=/${basename(home)}`,
      ];
      daemon = spawn("nsenter", args, { stdio: ["ignore", log.fd, log.fd] });
      await log.close();
      await untilItAnswers(daemon, host, path("log"));
    },
    fill: async (freeBytes) => {
      await takeSpace(ballast, freeBytes);
    },
    clear: async () => {
      await rm(ballast, { force: true });
    },
    dispose: async () => {
      await holder.end();
      await removeHome(home);
    },
  };
}

async function mountDisk(home: string): Promise<void> {
  const image = join(home, "disk.img");
  await mkdir(join(home, "disk"));
  await output("truncate", [`--size=${diskSize}`, image]);
  // No blocks that only root may have: for all that runs on it, full is full at the same moment.
  await output("mkfs.ext4", ["-q", "-m", "0", "-E", "nodiscard", image]);
  await output("mount", ["-o", "loop", image, join(home, "disk")]);
  // It lives as long as it is mounted.
  await rm(image);
}

async function removeHome(home: string): Promise<void> {
  await run("umount", [join(home, "disk")]);
  const cgroups = ["/sys/fs/cgroup", "-depth", "-type", "d", "-path", `*/${basename(home)}*`];
  await run("find", [...cgroups, "-exec", "rmdir", "{}", "+"]);
  await rm(home, { recursive: true, force: true });
}

interface Holder {
  readonly pid: number;
  end(): Promise<void>;
}

/** Namespaces whose first process ends, and with it all others in them, when the test does: by the end of its input. */
async function holdNamespaces(): Promise<Holder> {
  const own = ["--net", "--mount", "--propagation=slave", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const script = "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec cat";
  const unshare = spawn("unshare", [...own, "sh", "-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(unshare, "exit");
  const [first] = (await Promise.race([once(unshare.stdout, "data"), ended])) as readonly unknown[];
  if (String(first).trim() !== "ready") throw new Error(`no namespaces: unshare ended with ${String(first)}`);
  const pid = await childOf(unshare.pid);
  return {
    pid,
    end: async () => {
      unshare.stdin.end();
      await ended;
    },
  };
}

/** A program that forks into a namespace stays outside itself. */
async function childOf(pid: number | undefined): Promise<number> {
  return Number(await output("ps", ["-o", "pid=", "--ppid", String(pid)]));
}

async function untilItAnswers(daemon: ChildProcess, host: string, log: string): Promise<void> {
  const untilMs = Date.now() + startLimitMs;
  while ((await run("docker", ["--host", host, "version"])).status !== 0) {
    if (daemon.exitCode !== null || Date.now() > untilMs) {
      throw new Error(`the second engine doesn't answer: ${(await readFile(log, "utf8")).slice(-4000)}`);
    }
    await sleep(100);
  }
}

async function takeSpace(ballast: string, freeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(join(ballast, ".."));
  const length = bavail * bsize - freeBytes;
  // What the file system needs for its own notes is missing at the end of a full disk.
  await run("fallocate", [`--length=${length}`, ballast]);
  if (freeBytes > 0) return;
  const block = Buffer.alloc(1024 ** 2);
  const isFull = async (): Promise<boolean> => {
    try {
      await appendFile(ballast, block);
      return false;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOSPC") return true;
      throw error;
    }
  };
  while (!(await isFull())) continue;
}
