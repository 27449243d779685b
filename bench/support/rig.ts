import { setTimeout as sleep } from "node:timers/promises";
import { timed } from "./exec.ts";
import type { Layout } from "./layout.ts";
import { dagsOfAllLayouts } from "./workplace.ts";

/** What a measure needs before it begins: nothing there, data only, running, or running and unused since. */
export type Footing = "absent" | "stopped" | "running" | "fresh";

/** A layout and what is known about its state, so that each measure begins where it has to. */
export interface Rig {
  readonly layout: Layout;
  ensure(footing: Footing): Promise<void>;
  /** Times a start or a stop. */
  start(): Promise<number>;
  stop(): Promise<number>;
  /** Waits until this many seconds have passed since the last start. */
  settle(seconds: number): Promise<void>;
  /** Something has run; the next measure that needs an unused stack gets a new start. */
  used(): void;
}

export function createRig(layout: Layout): Rig {
  let state: "absent" | "stopped" | "running" | "unknown" = "unknown";
  let isUsed = false;
  let isPrepared = false;
  let startedMs = 0;

  const start = async (): Promise<number> => {
    const seconds = await timed(layout.start);
    state = "running";
    isUsed = false;
    startedMs = performance.now();
    return seconds;
  };
  const stop = async (): Promise<number> => {
    const seconds = await timed(layout.stop);
    state = "stopped";
    return seconds;
  };
  const destroy = async (): Promise<void> => {
    await layout.destroy();
    state = "absent";
    isPrepared = false;
  };
  /** Once per set of volumes: the data set is in place and every DAG is known and may run. */
  const prepare = async (): Promise<void> => {
    if (isPrepared) return;
    await layout.installDataset();
    const airflow = await layout.airflow();
    for (const dag of dagsOfAllLayouts) await airflow.enable(dag);
    isPrepared = true;
    isUsed = true;
  };

  return {
    layout,
    start,
    stop,
    ensure: async (footing) => {
      if (footing === "absent") {
        await destroy();
        return;
      }
      if (state === "unknown") await destroy();
      if (state !== "running" && !(state === "stopped" && footing === "stopped")) await start();
      if (state === "running") await prepare();
      if (footing === "stopped" && state === "running") await stop();
      if (footing === "fresh" && isUsed) {
        await stop();
        await start();
      }
    },
    settle: async (seconds) => {
      await sleep(Math.max(0, startedMs + seconds * 1000 - performance.now()));
    },
    used: () => {
      isUsed = true;
    },
  };
}
