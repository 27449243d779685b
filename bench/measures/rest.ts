import type { Rig } from "../support/rig.ts";
import { usageOf } from "../support/usage.ts";
import { absolute, both, ratio, type Measure } from "./measure.ts";

const restAfterS = 30;
const watchForS = 20;

async function atRest(rig: Rig, seconds: number) {
  await rig.ensure("running");
  await rig.settle(restAfterS);
  return await usageOf([rig.layout.project], seconds);
}

export const memoryAtRest: Measure = {
  name: "memory",
  title: "memory at rest of all containers",
  unit: "GiB",
  target: ratio(0.35),
  layouts: both,
  run: async (rig) => ({ values: [(await atRest(rig, 0)).memoryGib] }),
};

export const cpuAtRest: Measure = {
  name: "cpu",
  title: "CPU at rest of all containers",
  unit: "% of a core",
  target: absolute(12),
  layouts: both,
  run: async (rig) => ({ values: [(await atRest(rig, watchForS)).cpuPercent] }),
};
