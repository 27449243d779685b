import { randomBytes } from "node:crypto";
import { docker, dockerLines } from "./run.ts";

export const projectLabel = "com.docker.compose.project";

/** A Compose project of a test's own on the real engine. */
export interface EngineProject {
  readonly name: string;
  /** What the engine holds under its label: "container x", "network y", "volume z". */
  leftovers(): Promise<readonly string[]>;
  /** Removes everything and proves it; keeps it all with STACK_TEST_KEEP=1. */
  dispose(): Promise<void>;
}

export function createEngineProject(): EngineProject {
  const name = `contract-${process.pid}-${randomBytes(3).toString("hex")}`;
  const label = ["--filter", `label=${projectLabel}=${name}`];
  const leftovers = async (): Promise<readonly string[]> => {
    const kinds = await Promise.all([
      dockerLines("ps", "--all", "--format", "container {{.Names}}", ...label),
      dockerLines("network", "ls", "--format", "network {{.Name}}", ...label),
      dockerLines("volume", "ls", "--format", "volume {{.Name}}", ...label),
    ]);
    return kinds.flat();
  };
  return {
    name,
    leftovers,
    dispose: async () => {
      if (process.env["STACK_TEST_KEEP"] === "1") return;
      const names = (await leftovers()).map((line) => line.split(" "));
      const of = (kind: string): string[] => names.flatMap(([one, id = ""]) => (one === kind ? [id] : []));
      if (of("container").length > 0) await docker("rm", "--force", "--volumes", ...of("container"));
      if (of("network").length > 0) await docker("network", "rm", ...of("network"));
      if (of("volume").length > 0) await docker("volume", "rm", ...of("volume"));
      const left = await leftovers();
      if (left.length > 0) throw new Error(`still there after the clean-up: ${left.join(", ")}`);
    },
  };
}
