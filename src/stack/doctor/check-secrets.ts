import { StackError } from "../../lib/errors.ts";
import type { ProjectFiles } from "../ports.ts";
import { readSecrets, readState, secretsPath, statePath } from "../stack-folder.ts";
import { ofStack, type Check } from "./check.ts";

/** The generated folder: what the stack's data can't be opened without, and what it remembers. */
export async function checkStackFolder(
  files: ProjectFiles,
  volumes: readonly string[] | undefined,
): Promise<readonly Check[]> {
  return [await checkSecrets(files, volumes), await checkState(files)];
}

async function checkSecrets(files: ProjectFiles, volumes: readonly string[] | undefined): Promise<Check> {
  const restore = `restore ${secretsPath} from a backup, or start anew: stack down --volumes`;
  try {
    if ((await readSecrets(files)) !== undefined) {
      const mode = await files.mode(secretsPath);
      return mode === undefined || (mode & 0o077) === 0
        ? ofStack.ok("secrets", "complete, and open to their owner alone")
        : ofStack.warning("secrets", `${secretsPath} is open to other users`, `chmod 600 ${secretsPath}`);
    }
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return ofStack.failure("secrets", error.message, restore);
  }
  if (await files.exists(secretsPath)) {
    return ofStack.warning("secrets", "some are missing; the next start makes them", "stack up");
  }
  if (volumes !== undefined && volumes.length > 0) {
    const text = `${secretsPath} is gone, and ${volumes.length} volumes hold data that only it opens`;
    return ofStack.failure("secrets", text, restore);
  }
  return ofStack.ok("secrets", "none yet; the first start makes them");
}

async function checkState(files: ProjectFiles): Promise<Check> {
  if (!(await files.exists(statePath))) return ofStack.ok("state", "none yet; the first start keeps it");
  const state = await readState(files);
  if (state === undefined) {
    const text = `${statePath} can't be read; the project's name and ports are taken from the defaults`;
    return ofStack.warning("state", text, "stack up");
  }
  return state.applied === ""
    ? ofStack.warning("state", "the last start did not come to its end", "stack up")
    : ofStack.ok("state", `project ${state.project}`);
}
