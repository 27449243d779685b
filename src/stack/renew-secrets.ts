import { StackError } from "../lib/errors.ts";
import type { ProjectFiles } from "./ports.ts";
import { keepFernetKeyOnDisk } from "./settle-secrets.ts";
import type { StackSpec } from "./spec.ts";
import { readSecrets } from "./stack-folder.ts";
import type { StartDeps } from "./start-services.ts";

/**
 * Gets the data ready for other secrets: keeps the key that Airflow's is encrypted with beside it. Throws
 * STACK_NOT_RUNNING where there is nothing to renew, and CONFIG_INVALID for a damaged file.
 */
export async function prepareRenewal(
  spec: StackSpec,
  deps: Pick<StartDeps, "compose" | "signal"> & { readonly files: ProjectFiles },
): Promise<void> {
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
