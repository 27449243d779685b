import type { Command } from "commander";
import { addVerb, examples, seconds, type Run } from "./command.ts";

/** The commands about the stack's passwords and keys. */
export function addSecretsVerbs(program: Command, run: Run): void {
  const show = run(async ({ context, output }, _, [name]) => {
    const { secrets } = await import("../commands/secrets.ts");
    output.result("secrets", await secrets(context, name));
    return undefined;
  });
  const group = addVerb(program, "secrets", "list the stack's secrets, print one, or replace them all")
    .argument("[name]", "secret to print")
    .addHelpText("after", examples(["stack secrets", "stack secrets AIRFLOW_ADMIN_PASSWORD"]))
    .action(show);

  addVerb(group, "show", "list the secrets, or print one")
    .argument("[name]", "secret to print")
    .addHelpText("after", examples(["stack secrets show", "stack secrets show AIRFLOW_ADMIN_PASSWORD"]))
    .action(show);

  addVerb(group, "rotate", "replace every secret, restart the stack with the new ones, and prove it")
    .option("--timeout <seconds>", "longest wait for healthy services", seconds, 300)
    .addHelpText("after", examples(["stack secrets rotate"]))
    .action(
      run<{ timeout: number }>(async ({ context, output }, { timeout }) => {
        const timeoutMs = timeout * 1000;
        const { up } = await import("../commands/up.ts");
        const { proveCommand } = await import("../commands/prove.ts");
        const result = await context.exclusively("secrets rotate", async () => ({
          ...(await up(context, { build: true, timeoutMs, secrets: "renewed" })),
          proof: await proveCommand(context, timeoutMs),
        }));
        output.result("secretsRotate", result);
        return undefined;
      }),
    );
}
