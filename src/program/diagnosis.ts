import type { Command } from "commander";
import { addVerb, examples, type Run } from "./command.ts";

/** The commands for when something is wrong. */
export function addDiagnosisVerbs(program: Command, run: Run): void {
  addVerb(program, "doctor", "look for what keeps the stack from working, each with its fix")
    .addHelpText("after", examples(["stack doctor", "stack doctor --json"]))
    .action(
      run(async ({ context, output }) => {
        const { doctor } = await import("../commands/doctor.ts");
        const { report, failure } = await doctor(context);
        output.result("doctor", report, failure);
        return failure;
      }),
    );
}
