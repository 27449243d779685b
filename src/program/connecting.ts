import type { Command } from "commander";
import { addVerb, examples, type Run } from "./command.ts";

/** The commands about the connection to MLflow. */
export function addConnectionVerbs(program: Command, run: Run): void {
  const connection = program
    .command("connection")
    .description("test the connection to MLflow, or show it in every form")
    .addHelpText("after", examples(["stack connection test", "stack connection show --reveal"]));

  addVerb(connection, "test", "call MLflow with the login that tasks use, from here and from Airflow")
    .addHelpText("after", examples(["stack connection test", "stack connection test --json"]))
    .action(
      run(async ({ context, output }) => {
        const { connectionTest } = await import("../commands/connection-test.ts");
        const { test, failure } = await connectionTest(context);
        output.result("connectionTest", test, failure);
        return failure;
      }),
    );

  addVerb(connection, "show", "print the Airflow connection as variable, JSON, URI and command")
    .option("--reveal", "print the password too")
    .addHelpText("after", examples(["stack connection show", "stack connection show --reveal --json"]))
    .action(
      run<{ reveal?: boolean }>(async ({ context, output }, { reveal = false }) => {
        const { connectionShow } = await import("../commands/connection-show.ts");
        output.result("connectionShow", await connectionShow(context, reveal));
        return undefined;
      }),
    );
}
