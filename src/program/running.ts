import type { Command } from "commander";
import { addVerb, collect, examples, seconds, type Run } from "./command.ts";

interface UpFlags {
  readonly dryRun?: boolean;
  readonly build: boolean;
  readonly prove?: boolean;
  readonly timeout: number;
}

/** The commands that start and stop the stack. */
export function addRunningVerbs(program: Command, run: Run): void {
  addVerb(program, "up", "build, start and check the stack; a second time it changes nothing")
    .option("--project <name>", "name of the Compose project")
    .option("--port <name=number>", "port for airflow, mlflow, s3 or console; repeatable", collect)
    .option("--bucket <name>", "bucket for MLflow's artifacts")
    .option("--image <name=reference>", "image for airflow, mlflow, minio or postgres; repeatable", collect)
    .option("--dry-run", "print the compose file and change nothing")
    .option("--no-build", "fail when an image is missing instead of building it")
    .option("--prove", "run a tiny pipeline at the end, check its results and remove it again")
    .option("--timeout <seconds>", "longest wait for healthy services", seconds, 300)
    .addHelpText("after", examples(["stack up", "stack up --port airflow=18080", "stack up --dry-run"]))
    .action(
      run<UpFlags>(async ({ context, output }, { dryRun, build, prove = false, timeout }) => {
        const { dryRunUp, up } = await import("../commands/up.ts");
        if (dryRun === true) {
          output.text(await dryRunUp(context));
          return undefined;
        }
        const timeoutMs = timeout * 1000;
        const result = await context.exclusively("up", async () => {
          const started = await up(context, { build, timeoutMs });
          if (!prove) return started;
          const { proveCommand } = await import("../commands/prove.ts");
          return { ...started, proof: await proveCommand(context, timeoutMs) };
        });
        output.result("up", result);
        return undefined;
      }),
    );

  addVerb(program, "down", "stop the stack and keep its data")
    .option("--volumes", "delete the data too, after a question")
    .option("--yes", "answer the question with yes")
    .addHelpText("after", examples(["stack down", "stack down --volumes --yes"]))
    .action(
      run<{ volumes?: boolean; yes?: boolean }>(
        async ({ context, output }, { volumes = false, yes = false }) => {
          const { down } = await import("../commands/down.ts");
          const work = async () => await down(context, { volumes, yes });
          output.result("down", await context.exclusively("down", work));
          return undefined;
        },
      ),
    );

  addVerb(program, "pause", "freeze the running stack: no CPU, nothing stopped")
    .addHelpText("after", examples(["stack pause"]))
    .action(
      run(async ({ context, output }) => {
        const { pause } = await import("../commands/pause.ts");
        output.result("pause", await context.exclusively("pause", async () => await pause(context)));
        return undefined;
      }),
    );

  addVerb(program, "resume", "have a paused stack back, checked")
    .addHelpText("after", examples(["stack resume"]))
    .action(
      run(async ({ context, output }) => {
        const { resume } = await import("../commands/resume.ts");
        output.result("resume", await context.exclusively("resume", async () => await resume(context)));
        return undefined;
      }),
    );
}
