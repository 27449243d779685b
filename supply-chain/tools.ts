import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output, repository, run, type Finished } from "../test/support/run.ts";

/** The Python tools of tools.lock, in a folder of their own for as long as they are needed. */
export interface Tools {
  /** Runs `python3` with them; any exit status is a result. */
  python(...args: readonly string[]): Promise<Finished>;
  remove(): Promise<void>;
}

export async function installTools(): Promise<Tools> {
  const dir = await mkdtemp(join(tmpdir(), "stack-supply-chain-"));
  const remove = async (): Promise<void> => {
    await rm(dir, { recursive: true, force: true });
  };
  const lock = join(repository, "supply-chain", "tools.lock");
  const options = ["--quiet", "--target", dir, "--no-deps", "--require-hashes", "--only-binary", ":all:"];
  try {
    await output("python3", ["-m", "pip", "install", ...options, "--requirement", lock]);
  } catch (error) {
    await remove();
    throw error;
  }
  const env = { ...process.env, PYTHONPATH: dir };
  return { python: async (...args) => await run("python3", args, { env }), remove };
}
