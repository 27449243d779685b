import type { Command } from "commander";
import { addVerb, examples, type Run } from "./command.ts";

/** The commands that work on a project's own files. */
export function addProjectVerbs(program: Command, run: Run): void {
  addVerb(program, "init", "make a project of a folder, or adopt one laid out like an Astro project")
    .option("--from <folder>", "project to copy what the stack reads from")
    .addHelpText("after", examples(["stack init", "stack init --from ../astro-project"]))
    .action(
      run<{ from?: string }>(async ({ context, output }, { from }) => {
        const { init } = await import("../commands/init.ts");
        output.result("init", await init(context, from));
        return undefined;
      }),
    );

  const dags = program.command("dags").description("look at the project's DAGs");
  addVerb(dags, "check", "import every DAG in the stack's image, and list what breaks on Airflow 3")
    .addHelpText("after", examples(["stack dags check", "stack dags check --json"]))
    .action(
      run(async ({ context, output }) => {
        const { dagsCheck } = await import("../commands/dags-check.ts");
        const { report, failure } = await dagsCheck(context);
        output.result("dagsCheck", report, failure);
        return failure;
      }),
    );
}
