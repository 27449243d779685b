import { StackError } from "../../lib/errors.ts";
import type { Compose, EngineInfo } from "../ports.ts";
import { isOlder } from "../preflight.ts";
import { newestTestedCompose, newestTestedEngine, oldestCompose, oldestEngine } from "../versions.ts";
import { ofMachine, type Check } from "./check.ts";
import type { Machine } from "./machine.ts";

/** The `docker` command and its plugins; answers with the engine off, too. */
export async function checkClient(
  machine: Machine,
  compose: Compose,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const [client, versions] = await Promise.all([machine.clientVersion(), compose.versions(signal)]);
  const fix = machine.installDocker;
  if (client === undefined) {
    return [ofMachine.failure("docker command", "not installed, or not on the PATH", fix)];
  }
  return [
    ofMachine.ok("docker command", client),
    checkVersion("Compose", versions.compose, { oldest: oldestCompose, newest: newestTestedCompose, fix }),
    versions.buildx === undefined
      ? ofMachine.failure("buildx", "not installed; the stack's images are built with it", fix)
      : ofMachine.ok("buildx", versions.buildx),
  ];
}

/** Whether an engine answers, which one, and how it keeps and shields containers. */
export function checkEngine(info: EngineInfo | StackError, machine: Machine): readonly Check[] {
  if (info instanceof StackError) {
    return [ofMachine.failure("engine", info.message, engineFix(info, machine))];
  }
  const version = checkVersion("engine", info.version, {
    oldest: oldestEngine,
    newest: newestTestedEngine,
    fix: machine.installDocker,
  });
  const where = info.system === "" ? "" : ` on ${info.system}`;
  return [{ ...version, text: `${version.text}${where}` }, checkStorage(info), checkUser(info)];
}

/** For an engine of this machine a command; for one elsewhere, or whose certificates are at fault, what the error says. */
function engineFix({ facts: { host, reason }, hint }: StackError, machine: Machine): string {
  const isHere = typeof host === "string" && host.startsWith("unix:");
  if (!isHere && hint !== undefined) return hint;
  return reason === "EACCES" || reason === "EPERM" ? machine.openEngine : machine.startEngine;
}

interface Range {
  /** Older ones don't work. */
  readonly oldest: string;
  /** The newest major that was tested. */
  readonly newest: number;
  readonly fix: string;
}

function checkVersion(name: string, version: string | undefined, { oldest, newest, fix }: Range): Check {
  if (version === undefined) return ofMachine.failure(name, "not installed", fix);
  if (isOlder(version, oldest)) {
    return ofMachine.failure(name, `${version} is too old; ${oldest} or newer is needed`, fix);
  }
  if (!isOlder(version, `${newest + 1}`)) {
    const text = `${version} works as far as is known; this release was tested with ${newest}: \`stack up --prove\` tries it`;
    return ofMachine.ok(name, text);
  }
  return ofMachine.ok(name, version);
}

// These copy whole layers, or are gone from newer engines.
const poorDrivers = new Set(["vfs", "aufs", "devicemapper", "overlay"]);

function checkStorage({ storageDriver, rootDir }: EngineInfo): Check {
  if (!poorDrivers.has(storageDriver)) {
    return ofMachine.ok("engine storage", `${storageDriver} in ${rootDir}`);
  }
  const text = `the driver ${storageDriver} is slow, and each image takes its full size many times`;
  return ofMachine.warning(
    "engine storage",
    text,
    'set "storage-driver": "overlay2" in /etc/docker/daemon.json',
  );
}

function checkUser({ security }: EngineInfo): Check {
  const words = {
    rootless: "rootless: the engine runs as a user, and containers' users are mapped to sub-users of it",
    userns: "containers' users are mapped to others (userns-remap)",
    selinux: "SELinux labels decide which files containers may read",
  };
  const found = Object.entries(words).flatMap(([name, text]) => (security.includes(name) ? [text] : []));
  return ofMachine.ok("engine user", found.length === 0 ? "root, without mapped users" : found.join("; "));
}
