import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StubProgram {
  /** A PATH on which the stub comes first. */
  readonly path: string;
  /** How it was called last: its arguments, its folder, and its environment. */
  lastCall(): Promise<{
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  }>;
  dispose(): Promise<void>;
}

/** A program of this name that notes how it is called, and then runs a shell script. */
export async function stubProgram(name: string, script: string): Promise<StubProgram> {
  const dir = await mkdtemp(join(tmpdir(), "stub-"));
  const file = join(dir, name);
  await writeFile(
    file,
    `#!/bin/sh
printf '%s\\0' "$@" >'${dir}/args'
pwd >'${dir}/cwd'
env -0 >'${dir}/env'
${script}
`,
  );
  await chmod(file, 0o755);
  const noted = async (what: string): Promise<string> => await readFile(join(dir, what), "utf8");
  return {
    path: `${dir}:/usr/bin:/bin`,
    lastCall: async () => ({
      args: (await noted("args")).split("\0").slice(0, -1),
      cwd: (await noted("cwd")).trim(),
      env: Object.fromEntries(
        (await noted("env"))
          .split("\0")
          .filter((line) => line !== "")
          .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      ),
    }),
    dispose: async () => {
      await rm(dir, { recursive: true });
    },
  };
}
