import { timed } from "../support/exec.ts";
import { absolute, stackOnly, type Measure } from "./measure.ts";

export const status: Measure = {
  name: "status",
  title: "`status` of a running stack",
  unit: "s",
  target: absolute(0.5),
  layouts: stackOnly,
  run: async (rig) => {
    await rig.ensure("running");
    return { values: [await timed(async () => await rig.layout.cli("status"))] };
  },
};

export const statusHelp: Measure = {
  name: "status-help",
  title: "`status --help`",
  unit: "s",
  target: absolute(0.15),
  layouts: stackOnly,
  run: async (rig) => ({
    values: [await timed(async () => await rig.layout.cli("status", "--help"))],
  }),
};

export const pause: Measure = {
  name: "pause",
  title: "`pause`",
  unit: "s",
  target: absolute(1),
  layouts: stackOnly,
  run: async (rig) => {
    await rig.ensure("running");
    const seconds = await timed(async () => await rig.layout.cli("pause"));
    await rig.layout.cli("resume");
    return { values: [seconds] };
  },
};

export const resume: Measure = {
  name: "resume",
  title: "`resume`, to all hops called",
  unit: "s",
  target: absolute(1),
  layouts: stackOnly,
  run: async (rig) => {
    await rig.ensure("running");
    await rig.layout.cli("pause");
    return { values: [await timed(async () => await rig.layout.cli("resume"))] };
  },
};
