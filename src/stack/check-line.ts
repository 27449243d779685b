import { StackError } from "../lib/errors.ts";
import type { Engine } from "./ports.ts";
import type { Project } from "./project.ts";

/** Data of one line can't be opened by the other. Throws CONFIG_INVALID when there is some, before anything is touched. */
export async function checkLine({ spec, state }: Project, engine: Engine): Promise<void> {
  if (state === undefined || state.line === spec.line) return;
  const { volumes } = await engine.resources(state.project);
  if (volumes.length === 0) return;
  throw new StackError(
    "CONFIG_INVALID",
    `versions: found ${spec.line}, while the stack ${state.project} holds data of the ${state.line} line, which other versions can't open.`,
    {
      hint: `Put \`versions: ${state.line}\` back, or delete the data: \`stack down --volumes\`.`,
      facts: { wanted: spec.line, found: state.line, volumes },
    },
  );
}
