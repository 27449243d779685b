import { logModelDag, tutorialDag } from "../support/workplace.ts";
import { absolute, both, stackOnly, type Measure } from "./measure.ts";

const warmRuns = 3;

export const tutorialFirst: Measure = {
  name: "tutorial-first",
  title: "tutorial DAG, trigger to success, first run after a start",
  unit: "s",
  target: absolute(5),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("fresh");
    rig.used();
    const airflow = await rig.layout.airflow();
    return { values: [await airflow.runToSuccess(tutorialDag)] };
  },
};

export const tutorial: Measure = {
  name: "tutorial",
  title: "tutorial DAG, trigger to success",
  unit: "s",
  target: absolute(2.5),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const airflow = await rig.layout.airflow();
    const values: number[] = [];
    for (let run = 0; run < warmRuns; run += 1) values.push(await airflow.runToSuccess(tutorialDag));
    return { values };
  },
};

export const seedVerification: Measure = {
  name: "seed-verify",
  title: "`seed` verifying what the tutorial left",
  unit: "s",
  target: absolute(1),
  layouts: stackOnly,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const said = await rig.layout.cli("seed", "--no-color");
    const [, number, unit] = /Checked what the run left.* ([\d.]+) (ms|s)$/mu.exec(said) ?? [];
    if (number === undefined) throw new Error(`seed does not say how long it verified:\n${said}`);
    return { values: [Number(number) / (unit === "ms" ? 1000 : 1)] };
  },
};

export const logModel: Measure = {
  name: "log-model",
  title: "a task's `log_model` without `pip_requirements`, trigger to success",
  unit: "s",
  target: absolute(6),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const airflow = await rig.layout.airflow();
    return { values: [await airflow.runToSuccess(logModelDag)] };
  },
};
