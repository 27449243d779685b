import { randomBytes } from "node:crypto";
import { repository, docker, output, run } from "./run.ts";

/** Programs that containers of the tiny image have, besides what the shell does itself. */
const programs = ["/bin/sh", "/bin/sleep", "/bin/cat", "/bin/false"];

/**
 * An image of a few megabytes with a shell in it, made of this machine's own programs: no registry, no build.
 * Where the engine runs another system than this machine, it is the Debian image that the stack stands on.
 */
export async function makeTinyImage(): Promise<{ readonly tag: string; dispose(): Promise<void> }> {
  const tag = `stack-test-tiny:${randomBytes(4).toString("hex")}`;
  if (process.platform === "linux") {
    const libraries = (await output("ldd", programs)).match(/\/\S+(?=\s\()/gu) ?? [];
    const paths = [...new Set([...programs, ...libraries])].map((path) => path.slice(1));
    const script = `tar --create --dereference --directory=/ ${paths.join(" ")} | docker import --change 'LABEL stack.test=tiny' - ${tag}`;
    await output("sh", ["-c", script]);
  } else {
    await output(`${repository}scripts/base-image.sh`, ["stack-debian:13"]);
    await docker("tag", "stack-debian:13", tag);
  }
  return {
    tag,
    dispose: async () => {
      if (process.env["STACK_TEST_KEEP"] !== "1") await run("docker", ["image", "rm", tag]);
    },
  };
}
