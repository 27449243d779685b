import { docker } from "./run.ts";
import type { TestProject } from "./test-project.ts";

interface Process {
  readonly pid: number;
  readonly parent: number;
}

export interface Worker {
  readonly pid: number;
  /** The process that runs the user's code; undefined while there is nothing to do. */
  readonly task: number | undefined;
}

/** The container of Airflow's four components, as it is seen from inside. */
export interface LiveLauncher {
  /** By component; undefined for one that waits for its next start. */
  pids(): Promise<Readonly<Record<string, number | undefined>>>;
  /** The scheduler's. */
  workers(): Promise<readonly Worker[]>;
  /** With SIGKILL. */
  kill(...pids: readonly number[]): Promise<void>;
  /** Changes when the container is started anew. */
  startedAt(): Promise<string>;
}

export function liveLauncher({ containerOf }: Pick<TestProject, "containerOf">): LiveLauncher {
  const inside = async (script: string): Promise<string> =>
    await docker("exec", await containerOf("airflow"), "bash", "-c", script);
  const pids = async (): Promise<Readonly<Record<string, number | undefined>>> => {
    const { components } = JSON.parse(await inside("cat /tmp/stack/status.json")) as {
      readonly components: readonly { readonly name: string; readonly pid: number | null }[];
    };
    return Object.fromEntries(components.map(({ name, pid }) => [name, pid ?? undefined]));
  };

  return {
    pids,
    workers: async () => {
      const processes = parseStats(await inside("cat /proc/[0-9]*/stat 2>/dev/null || true"));
      const childrenOf = (pid: number | undefined): readonly number[] =>
        processes.filter(({ parent }) => parent === pid).map((one) => one.pid);
      // They are forked by a child of the scheduler's.
      const workers = childrenOf((await pids())["scheduler"]).flatMap(childrenOf);
      return workers.map((pid) => ({ pid, task: childrenOf(pid)[0] }));
    },
    kill: async (...doomed) => {
      await inside(`kill -KILL ${doomed.join(" ")}`);
    },
    startedAt: async () =>
      await docker("inspect", "--format", "{{.State.StartedAt}}", await containerOf("airflow")),
  };
}

/** Of /proc: "4711 (any (name)) S 17 ...". */
function parseStats(text: string): readonly Process[] {
  return [...text.matchAll(/^(\d+) \(.*\) \w (\d+) /gmu)].map(([, pid, parent]) => ({
    pid: Number(pid),
    parent: Number(parent),
  }));
}
