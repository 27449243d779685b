import { pause, resume, status, statusHelp } from "./commands.ts";
import { editedDag, newDag } from "./dag-files.ts";
import type { Measure } from "./measure.ts";
import { cpuAtRest, memoryAtRest } from "./rest.ts";
import { logModel, seedVerification, tutorial, tutorialFirst } from "./runs.ts";
import { coldStart, probes, upAgain, warmStart } from "./starts.ts";
import { stopBusy, stopIdle } from "./stops.ts";

/** In the order in which each needs the fewest starts of its own. */
export const measures: readonly Measure[] = [
  coldStart,
  memoryAtRest,
  cpuAtRest,
  stopIdle,
  warmStart,
  probes,
  tutorialFirst,
  tutorial,
  seedVerification,
  logModel,
  newDag,
  editedDag,
  upAgain,
  status,
  statusHelp,
  pause,
  resume,
  stopBusy,
];
