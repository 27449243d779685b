import { StackError } from "../../lib/errors.ts";
import type { Barrier, ProjectFiles, System } from "../ports.ts";
import { composePath, readSecrets, readState, secretsPath, stackFolder, statePath } from "../stack-folder.ts";
import { ofStack, standalone, type Check } from "./check.ts";

/** The generated folder: what the stack's data can't be opened without, and what it remembers. */
export async function checkStackFolder(
  { files, system }: { readonly files: ProjectFiles; readonly system: Pick<System, "freeDiskBytes"> },
  volumes: readonly string[] | undefined,
): Promise<readonly Check[]> {
  return [
    await checkPlace(files, system),
    await checkSecrets(files, volumes),
    ...(await standalone(ofStack, "state", async () => [await checkState(files)])),
  ];
}

// The generated files are smaller.
const roomBytes = 1024 ** 2;

/** A place that nothing can be written to, or what a start as another user, such as root, leaves behind. */
async function checkPlace(files: ProjectFiles, system: Pick<System, "freeDiskBytes">): Promise<Check> {
  const { dir } = files;
  const paths = [stackFolder, secretsPath, statePath, composePath];
  const barriers = await Promise.all(paths.map(async (path) => await files.barrier(path)));
  const barrier = barriers.find((one) => one !== undefined);
  if (barrier !== undefined) {
    const closed = paths.filter((_, index) => barriers[index] === barrier);
    return ofStack.failure("project files", ...wordsFor(barrier, closed, dir));
  }
  const free = await system.freeDiskBytes(dir);
  return free !== undefined && free < roomBytes
    ? ofStack.failure("project files", `the file system of ${dir} is full`, `df -h ${dir}`)
    : ofStack.ok("project files", `${dir} can be written to`);
}

/** What is wrong, and what helps. */
function wordsFor(barrier: Barrier, closed: readonly string[], dir: string): readonly [string, string] {
  const [first = stackFolder] = closed;
  switch (barrier) {
    case "read-only":
      return [`${dir} is on a read-only file system`, `findmnt --target ${dir}`];
    case "protected":
      return [`${closed.join(", ")} can't be changed by anybody`, `sudo chattr -i ${first}`];
    case "denied":
      return [`this user may not write ${closed.join(", ")}`, `sudo chown -R "$(id -u):$(id -g)" ${first}`];
  }
}

async function checkSecrets(files: ProjectFiles, volumes: readonly string[] | undefined): Promise<Check> {
  try {
    if ((await readSecrets(files)) !== undefined) {
      const mode = await files.mode(secretsPath);
      return mode === undefined || (mode & 0o077) === 0
        ? ofStack.ok("secrets", "complete, and open to their owner alone")
        : ofStack.warning("secrets", `${secretsPath} is open to other users`, `chmod 600 ${secretsPath}`);
    }
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return ofStack.failure("secrets", error.message, "stack up");
  }
  if (await files.exists(secretsPath)) {
    return ofStack.warning("secrets", "some are missing; the next start makes them", "stack up");
  }
  if (volumes !== undefined && volumes.length > 0) {
    const text = `${secretsPath} is gone; the next start finds the secrets again, or gives the data new ones`;
    return ofStack.warning("secrets", text, "stack up");
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
