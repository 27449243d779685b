import { StackError } from "../lib/errors.ts";
import type { ProjectFiles } from "./ports.ts";
import { keepFernetKeyOnDisk } from "./settle-secrets.ts";
import type { StackSpec } from "./spec.ts";
import { readSecrets } from "./stack-folder.ts";
import type { StartDeps } from "./start-services.ts";

/**
 * Gets the data ready for other secrets: keeps the key that Airflow's is encrypted with beside it. Throws
 * STACK_NOT_RUNNING where there is nothing to renew, CONFIG_INVALID for a damaged file, and USAGE on the classic line.
 */
export async function prepareRenewal(
  spec: StackSpec,
  deps: Pick<StartDeps, "compose" | "signal"> & { readonly files: ProjectFiles },
): Promise<void> {
  if (spec.line === "classic") {
    throw new StackError("USAGE", "The secrets of a stack on the classic line can't be replaced.", {
      hint: "They stay as they are; `stack secrets show` lists them.",
    });
  }
  const present = await readSecrets(deps.files);
  if (present === undefined) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      "There are no secrets to replace: the first start makes them.",
      {
        hint: "Start the stack with `stack up`.",
      },
    );
  }
  await keepFernetKeyOnDisk(spec, deps);
}
