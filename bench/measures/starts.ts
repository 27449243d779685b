import type { TimingsReport } from "../../src/stack/timings.ts";
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

/** Of the last start, whichever that was; as the stack itself timed them. */
export const probes: Measure = {
  name: "probes",
  title: "the calls between services that end a start",
  unit: "s",
  target: absolute(0.5),
  layouts: stackOnly,
  run: async (rig) => {
    await rig.ensure("running");
    const { last } = JSON.parse(await rig.layout.cli("timings", "--json")) as TimingsReport;
    const phase = last.phases.find(({ name }) => name === "probes");
    if (phase === undefined) throw new Error("the last start has no phase called probes");
    return { values: [(phase.endMs - phase.startMs) / 1000] };
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
