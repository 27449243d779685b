import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { appliedSpec } from "../stack/project.ts";
import { downStack, type DownResult } from "../stack/down.ts";

export interface DownOptions {
  readonly volumes: boolean;
  /** Whether the question about data has been answered on the command line. */
  readonly yes: boolean;
}

/** Throws USAGE when data would go and nobody agreed to it. */
export async function down(context: Context, options: DownOptions): Promise<DownResult> {
  const spec = appliedSpec(await context.project());
  const [engine, compose, files] = await Promise.all([context.engine(), context.compose(), context.files()]);
  if (options.volumes && !options.yes) await agree(context, spec.project);
  return await downStack(
    spec.project,
    { volumes: options.volumes },
    { engine, compose, files, signal: context.signal },
  );
}

async function agree(context: Context, project: string): Promise<void> {
  const { volumes } = await (await context.engine()).resources(project);
  if (volumes.length === 0) return;
  const question = `Delete all data of the stack ${project} (${volumes.join(", ")})?`;
  const answer = await context.confirm(question);
  if (answer === true) return;
  throw new StackError(
    "USAGE",
    answer === undefined
      ? "Deleting the stack's data needs a yes, and there is no terminal to ask."
      : "Nothing was deleted, since the answer wasn't yes.",
    { hint: "Add --yes to delete the data: `stack down --volumes --yes`, or keep it: `stack down`." },
  );
}
