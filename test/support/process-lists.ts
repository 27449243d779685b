import { readdirSync, readFileSync } from "node:fs";

const everyMs = 2;

/**
 * Notes the command lines of all processes of this machine, containers' too, from now on; what it returns ends that and
 * gives them. One that lived for a few milliseconds may be missing.
 */
export function watchProcessLists(): () => readonly string[] {
  const seen = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    return [...seen];
  };
}
