import { parseArgs } from "node:util";
import { measureLogins } from "./logins.ts";
import { measures } from "./measures/all.ts";
import type { Measure } from "./measures/measure.ts";
import { measureScaling } from "./scaling.ts";
import { createDiyLayout } from "./support/diy-layout.ts";
import { provideImages } from "./support/images.ts";
import { endOnSignals, interruption } from "./support/interruption.ts";
import type { Layout } from "./support/layout.ts";
import { describeMachine } from "./support/machine.ts";
import { missedTargets, noteLines, onceLines, resultRows, textTable } from "./support/report.ts";
import { writeResultsPage } from "./support/results-page.ts";
import { createResults, type Results } from "./support/results.ts";
import { createRig, type Rig } from "./support/rig.ts";
import { createStackLayout } from "./support/stack-layout.ts";
import { createWorkplace } from "./support/workplace.ts";

const usage = `Measures the stack against the same services assembled by hand, and writes bench/RESULTS.md.

  node bench/run.ts [--rounds 5] [--only NAME]... [--skip-diy] [--scaling] [--logins]

Ends with 1 when a target is missed or could not be judged.

--rounds    with fewer than 5, RESULTS.md is left as it is
--only      take these measures alone, and leave RESULTS.md as it is: ${measures.map(({ name }) => name).join(", ")}
--skip-diy  measure the stack alone, and leave RESULTS.md as it is
--scaling   also 1, 50 and 200 DAG files, and three stacks side by side
--logins    also what MLflow's logins cost each call
`;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string", multiple: true, default: [] },
    "skip-diy": { type: "boolean", default: false },
    scaling: { type: "boolean", default: false },
    logins: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Medians of fewer say too little to be kept. */
const fewestRounds = 5;

function say(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

function chosenMeasures(): readonly Measure[] {
  const unknown = flags.only.filter((name) => !measures.some((measure) => measure.name === name));
  if (unknown.length > 0) throw new Error(`no measure is called ${unknown.join(", ")}\n\n${usage}`);
  return measures.filter(({ name }) => flags.only.length === 0 || flags.only.includes(name));
}

async function takeRound(
  rig: Rig,
  round: number,
  chosen: readonly Measure[],
  results: Results,
): Promise<void> {
  const { name } = rig.layout;
  for (const measure of chosen) {
    if (!measure.layouts.includes(name) || (round > 0 && measure.onceIn === name)) continue;
    interruption.signal.throwIfAborted();
    try {
      const reading = await measure.run(rig);
      results.add(measure, name, reading);
      const figures = reading.values.map((value) => value.toFixed(2)).join(", ");
      say(`${name} ${measure.name}: ${figures} ${measure.unit} ${reading.note ?? ""}`.trimEnd());
    } catch (error) {
      results.fail(measure, name, error);
      say(`${name} ${measure.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // The other layout gets the machine for itself.
  await rig.layout.stop();
  await rig.ensure("absent");
}

async function main(): Promise<void> {
  if (flags.help) {
    console.log(usage);
    return;
  }
  const chosen = chosenMeasures();
  const rounds = Number(flags.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1");
  endOnSignals();

  const places = [
    await createWorkplace("stack", { dags: "measured" }),
    await createWorkplace("diy", { dags: "measured" }),
  ] as const;
  const stack = await createStackLayout(places[0]);
  const layouts: Layout[] = [stack];
  try {
    const images = await provideImages(stack);
    const logins = flags.logins ? await measureLogins(say) : undefined;
    const scaling = flags.scaling ? await measureScaling(say) : undefined;
    if (!flags["skip-diy"]) layouts.push(createDiyLayout(places[1], images));
    const rigs = layouts.map(createRig);
    const results = createResults();
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      // Who goes first changes from round to round.
      const order = round % 2 === 0 ? rigs : rigs.toReversed();
      for (const rig of order) await takeRound(rig, round, chosen, results);
    }
    const rows = resultRows(chosen, results);
    const notes = noteLines(chosen, results);
    console.log(textTable(rows));
    for (const more of [scaling, logins]) if (more !== undefined) console.log(`\n${textTable(more)}`);
    for (const note of notes) console.log(`- ${note}`);
    const isWhole = flags.only.length === 0 && !flags["skip-diy"] && rounds >= fewestRounds;
    if (isWhole) {
      const machine = await describeMachine(images);
      await writeResultsPage({ machine, rounds, once: onceLines(chosen), rows, notes, scaling, logins });
    }
    const missed = missedTargets(chosen, results);
    if (missed.length > 0) {
      say(`missed or not measured: ${missed.join(", ")}`);
      process.exitCode = 1;
    }
  } finally {
    const cleaned = await Promise.allSettled(layouts.map(async (layout) => await layout.destroy()));
    for (const outcome of cleaned)
      if (outcome.status === "rejected") say(`not cleaned up: ${outcome.reason}`);
    await Promise.all(places.map(async (place) => await place.remove()));
  }
}

await main();
