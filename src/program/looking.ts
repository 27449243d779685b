import type { Command } from "commander";
import { addVerb, examples, seconds, type Run } from "./command.ts";

interface SeedFlags {
  readonly dataset?: string;
  readonly run: boolean;
  readonly timeout: number;
}

/** The commands that fill the running stack and look at it. */
export function addLookingVerbs(program: Command, run: Run): void {
  addVerb(program, "seed", "run the tutorial DAG and verify what it left in MLflow and the bucket")
    .argument("[dag...]", "DAGs to run")
    .option("--dataset <file>", "California housing data (cal_housing.data) to put in place first")
    .option("--no-run", "put the DAGs in place without running them")
    .option("--timeout <seconds>", "longest wait for the runs", seconds, 600)
    .addHelpText(
      "after",
      examples(["stack seed", "stack seed --dataset cal_housing.data", "stack seed my_dag"]),
    )
    .action(
      run<SeedFlags>(async ({ context, output }, { dataset, run: shouldRun, timeout }, dags) => {
        const { seedCommand } = await import("../commands/seed.ts");
        output.result(
          "seed",
          await seedCommand(context, { dags, dataset, run: shouldRun, timeoutMs: timeout * 1000 }),
        );
        return undefined;
      }),
    );

  addVerb(program, "prove", "run a tiny pipeline, check its results to the byte, and remove it again")
    .option("--timeout <seconds>", "longest wait for the run", seconds, 120)
    .addHelpText("after", examples(["stack prove"]))
    .action(
      run<{ timeout: number }>(async ({ context, output }, { timeout }) => {
        const { proveCommand } = await import("../commands/prove.ts");
        output.result("prove", await proveCommand(context, timeout * 1000));
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

  addVerb(program, "secrets", "list the stack's secrets, or print one")
    .argument("[name]", "secret to print")
    .addHelpText("after", examples(["stack secrets", "stack secrets AIRFLOW_ADMIN_PASSWORD"]))
    .action(
      run(async ({ context, output }, _, [name]) => {
        const { secrets } = await import("../commands/secrets.ts");
        output.result("secrets", await secrets(context, name));
        return undefined;
      }),
    );
}
