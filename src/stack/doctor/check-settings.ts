import { StackError } from "../../lib/errors.ts";
import { checkLine } from "../check-line.ts";
import type { Engine } from "../ports.ts";
import type { Project } from "../project.ts";
import type { UserFiles } from "../user-files/read-user-files.ts";
import { inOneLine, ofStack, standalone, type Check } from "./check.ts";

/** stack.yaml, and the project's own files beside it. */
export function checkSettings(project: Project | StackError, user: UserFiles | StackError): readonly Check[] {
  if (project instanceof StackError) {
    return [ofStack.failure("settings", inOneLine(project.message), "edit stack.yaml")];
  }
  if (user instanceof StackError) {
    return [ofStack.failure("settings", inOneLine(user.message), "edit that file")];
  }
  return [ofStack.ok("settings", `valid, for the project ${project.spec.project}`)];
}

/** Whether the stack's data is of the versions that are wanted; says nothing when it is. */
export async function checkVersions(
  project: Project | StackError,
  engine: Engine,
): Promise<readonly Check[]> {
  if (project instanceof StackError) return [];
  return await standalone(ofStack, "versions", async () => {
    await checkLine(project, engine);
    return [];
  });
}
