import { StackError } from "../../lib/errors.ts";
import type { Project } from "../project.ts";
import type { UserFiles } from "../user-files/read-user-files.ts";
import { inOneLine, ofStack, type Check } from "./check.ts";

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
