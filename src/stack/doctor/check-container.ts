import { describeSkew } from "../clock-skew.ts";
import type { EngineInfo } from "../ports.ts";
import { ofMachine, type Check } from "./check.ts";
import { outsideName, type ContainerView } from "./container-view.ts";

/** The project's folders as containers see them, names and certificates. */
export function checkContainer(view: ContainerView, { security }: EngineInfo): readonly Check[] {
  return [checkMounts(view, security.includes("selinux")), ...checkNames(view), ...checkCertificates(view)];
}

function checkMounts({ folders, userId }: ContainerView, hasSelinux: boolean): Check {
  const names = Object.keys(folders);
  const closed = names.filter((name) => folders[name] === false);
  if (closed.length === 0) {
    const what =
      names.length === 0 ? "no folder of the project is there yet" : `${names.join(", ")} can be read`;
    return ofMachine.ok(
      "mounts",
      `${what} in containers${userId === undefined ? "" : `, as user ${userId}`}`,
    );
  }
  const text = `containers, as user ${userId ?? "unknown"}, can't read all of ${closed.join(", ")}`;
  const list = closed.join(" ");
  return hasSelinux
    ? ofMachine.failure(
        "mounts",
        `${text}: SELinux, or the files' modes`,
        `chcon -R -t container_file_t ${list}`,
      )
    : ofMachine.failure("mounts", text, `chmod -R a+rX ${list}`);
}

/** Of the engine's machine against this one's: tokens and signed requests have a time in them. */
export function checkClock(engineMs: number, nowMs: number): readonly Check[] {
  if (Number.isNaN(engineMs)) return [];
  const text = describeSkew(engineMs, nowMs);
  return text === undefined
    ? [ofMachine.ok("clock", "the engine's and this machine's agree")]
    : [ofMachine.failure("clock", text, "sudo timedatectl set-ntp true")];
}

function checkNames({ resolves }: ContainerView): readonly Check[] {
  if (resolves === undefined) return [];
  if (resolves) return [ofMachine.ok("names", `containers resolve ${outsideName}`)];
  const text = `containers can't resolve ${outsideName}; the stack works, but tasks can't download`;
  return [ofMachine.warning("names", text, 'set "dns": ["ADDRESS"] in /etc/docker/daemon.json')];
}

const untrusted = 60;

function checkCertificates({ resolves, tlsExitCode }: ContainerView): readonly Check[] {
  // Without a name there is no call.
  if (tlsExitCode === undefined || resolves !== true) return [];
  if (tlsExitCode === 0) return [ofMachine.ok("certificates", `containers trust ${outsideName}'s`)];
  if (tlsExitCode === untrusted) {
    const text = `containers don't trust what answers for ${outsideName}: a proxy signs with an authority of its own`;
    const fix =
      "add that authority to this machine's (Debian: /usr/local/share/ca-certificates/*.crt, then `sudo update-ca-certificates`), and run `stack up`";
    return [ofMachine.warning("certificates", text, fix)];
  }
  const text = `containers can't call https://${outsideName} (curl exit code ${tlsExitCode}); tasks can't download`;
  return [ofMachine.warning("certificates", text, "look at the machine's firewall and proxy")];
}
