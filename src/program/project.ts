import type { Command } from "commander";
import { addVerb, examples, type Run } from "./command.ts";

/** The commands that work on a project's own files. */
export function addProjectVerbs(program: Command, run: Run): void {
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
