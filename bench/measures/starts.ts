import { absolute, both, ratio, stackOnly, type Measure } from "./measure.ts";
import { timed } from "../support/exec.ts";

export const coldStart: Measure = {
  name: "cold-start",
  title: "start on empty volumes, to all healthy and probed",
  unit: "s",
  target: ratio(0.2),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("absent");
    return { values: [await rig.start()] };
  },
};

export const warmStart: Measure = {
  name: "warm-start",
  title: "start on existing volumes, to all healthy and probed",
  unit: "s",
  target: ratio(0.16),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("stopped");
    return { values: [await rig.start()] };
  },
};

export const upAgain: Measure = {
  name: "up-again",
  title: "`up` on a running stack",
  unit: "s",
  target: absolute(0.8),
  layouts: stackOnly,
  run: async (rig) => {
    await rig.ensure("running");
    return { values: [await timed(async () => await rig.layout.cli("up"))] };
  },
};
