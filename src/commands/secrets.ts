import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { isSecretName, secretNames, secretTable, type SecretEntry } from "../stack/secrets.ts";
import { readSecrets } from "../stack/stack-folder.ts";

/** The names of the stack's secrets, or one of them with its value. Throws USAGE, or STACK_NOT_RUNNING before the first `up`. */
export async function secrets(context: Context, name: string | undefined): Promise<readonly SecretEntry[]> {
  if (name === undefined) return secretNames.map((one) => ({ name: one, use: secretTable[one].use }));
  const wanted = name.toUpperCase().replaceAll("-", "_");
  if (!isSecretName(wanted)) {
    throw new StackError("USAGE", `There is no secret named "${name}".`, {
      hint: `Choose one of ${secretNames.join(", ")}.`,
    });
  }
  const values = await readSecrets(await context.files());
  if (values === undefined) {
    throw new StackError("STACK_NOT_RUNNING", "The stack has no secrets yet; its first start makes them.", {
      hint: "Start it with `stack up`.",
    });
  }
  return [{ name: wanted, use: secretTable[wanted].use, value: values[wanted] }];
}
