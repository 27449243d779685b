import { defineConfig } from "vitest/config";
import { createFaultTable } from "./test/support/fault-table.ts";

const MINUTE_MS = 60_000;

/** A folder in which each run leaves its results as JSON, for CI to count. */
const reports = process.env["TEST_REPORTS"];
const jsonReport: ["json", { outputFile: string }][] =
  reports === undefined ? [] : [["json", { outputFile: `${reports}/${process.pid}.json` }]];

export default defineConfig({
  test: {
    reporters: ["default", createFaultTable((text) => process.stdout.write(text)), ...jsonReport],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/architecture.test.ts"],
          // Seconds at most, unless the machine has other work.
          testTimeout: 30_000,
          // Nothing here keeps state in a module, so files can share what they import: a third of the time.
          isolate: false,
          // The default leaves a core idle, which on a small machine is half of it.
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 2 * MINUTE_MS,
          hookTimeout: 5 * MINUTE_MS,
        },
      },
      // Those from here on share one engine, and one file's load must not show up as another file's time-out.
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 5 * MINUTE_MS,
          hookTimeout: 15 * MINUTE_MS,
        },
      },
      {
        test: {
          name: "acceptance",
          // Of the faults those that are quick to make.
          include: ["test/acceptance/**/*.test.ts", "test/faults/commands.test.ts"],
          fileParallelism: false,
          testTimeout: 15 * MINUTE_MS,
          hookTimeout: 20 * MINUTE_MS,
        },
      },
      {
        test: {
          name: "faults",
          // And the acceptance tests that are faults or attacks, and the tests of input that nobody thought of: one
          // command has them all.
          include: [
            "test/faults/**/*.test.ts",
            "test/unit/**/*.property.test.ts",
            "test/acceptance/{containment,diagnosis,faults,hostile-input,launcher,mlflow-login,refusals,secrets,tasks,web-attacks}.test.ts",
          ],
          env: { STACK_TEST_FAULTS: "all" },
          fileParallelism: false,
          testTimeout: 15 * MINUTE_MS,
          hookTimeout: 20 * MINUTE_MS,
        },
      },
      {
        test: {
          name: "separate",
          // Those of the acceptance tests that leave the layout of Airflow's components to their run; the others have both.
          include: [
            "test/acceptance/{contracts,dags-check,diagnosis,elsewhere,fates,pipeline,project,provider,refusals,secrets,tasks}.test.ts",
            "test/faults/containers.test.ts",
          ],
          env: { STACK_TEST_LAYOUT: "separate", STACK_TEST_FAULTS: "all" },
          fileParallelism: false,
          testTimeout: 15 * MINUTE_MS,
          hookTimeout: 20 * MINUTE_MS,
        },
      },
    ],
  },
});
