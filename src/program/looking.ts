import { Option, type Command } from "commander";
import { StackError } from "../lib/errors.ts";
import { collectDags } from "./airflow-names.ts";
import { addVerb, examples, seconds, type Run } from "./command.ts";

interface SeedFlags {
  readonly all?: boolean;
  readonly list?: boolean;
  readonly dataset?: string;
  readonly run: boolean;
  readonly timeout: number;
}

/** The commands that fill the running stack and look at it. */
export function addLookingVerbs(program: Command, run: Run): void {
  addVerb(program, "seed", "run example DAGs and verify what they left in MLflow and the bucket")
    .argument("[dag...]", "DAGs to run; the tutorial when none is named", collectDags)
    .option("--all", "run every DAG that comes with stack: the tutorial and the pipeline")
    .addOption(
      new Option("--list", "show the DAGs that come with stack and what each needs").conflicts([
        "all",
        "dataset",
      ]),
    )
    .option("--dataset <file>", "California housing data (cal_housing.data) to put in place first")
    .option("--no-run", "put the DAGs in place without running them")
    .option("--timeout <seconds>", "longest wait for the runs", seconds, 600)
    .addHelpText(
      "after",
      examples([
        "stack seed",
        "stack seed --all --dataset cal_housing.data",
        "stack seed --list",
        "stack seed my_dag",
      ]),
    )
    .action(
      run<SeedFlags>(async ({ context, output }, flags, names) => {
        const { all = false, list = false, dataset, run: shouldRun, timeout } = flags;
        if ((all || list) && names.length > 0) throw namesBesides(list ? "--list" : "--all", names);
        const { listSeedDags, seedCommand } = await import("../commands/seed.ts");
        if (list) {
          output.result("seedList", await listSeedDags(context));
          return undefined;
        }
        const options = { dataset, run: shouldRun, timeoutMs: timeout * 1000 };
        const work = async () => await seedCommand(context, { dags: all ? "all" : names, ...options });
        output.result("seed", await context.exclusively("seed", work));
        return undefined;
      }),
    );

  addVerb(program, "prove", "run a tiny pipeline, check its results to the byte, and remove it again")
    .option("--timeout <seconds>", "longest wait for the run", seconds, 120)
    .addHelpText("after", examples(["stack prove"]))
    .action(
      run<{ timeout: number }>(async ({ context, output }, { timeout }) => {
        const { proveCommand } = await import("../commands/prove.ts");
        const work = async () => await proveCommand(context, timeout * 1000);
        output.result("prove", await context.exclusively("prove", work));
        return undefined;
      }),
    );

  addVerb(program, "status", "show services, DAGs, MLflow's contents and the buckets")
    .option("--watch", "show it again every two seconds until Ctrl-C")
    .addHelpText("after", examples(["stack status", "stack status --json", "stack status --watch"]))
    .action(
      run<{ watch?: boolean }>(async ({ context, output }, { watch }) => {
        const { status, watchStatus } = await import("../commands/status.ts");
        if (watch === true) {
          await watchStatus(context, (report) => {
            output.frame("status", report);
          });
        }
        const { report, failure } = await status(context);
        output.result("status", report, failure);
        return failure;
      }),
    );

  addVerb(program, "timings", "show where the time of the last start went")
    .addHelpText("after", examples(["stack timings", "stack timings --json"]))
    .action(
      run(async ({ context, output }) => {
        const { timings } = await import("../commands/timings.ts");
        output.result("timings", await timings(context));
        return undefined;
      }),
    );
}

function namesBesides(flag: string, names: readonly string[]): StackError {
  return new StackError("USAGE", `${flag} is about every DAG, so none can be named: ${names.join(", ")}.`, {
    hint: "See `stack --help`, or `stack <command> --help`.",
  });
}
