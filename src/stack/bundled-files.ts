import type { Line } from "./lines.ts";

/** What ships with the tool: image recipes, DAGs and seed programs. */
export interface BundledFiles {
  /** The folder of one image's recipe, absolute. */
  imageDir(image: string): string;
  /** SHA-256 over every file of a recipe (path, mode, content), hex. */
  imageDigest(image: string): Promise<string>;
  /** Names of the DAG files that can be seeded; a line may have some of its own under the same names. */
  dagFiles(line: Line): Promise<readonly string[]>;
  dagFile(name: string, line: Line): Promise<string>;
  /** The text of a program that `seed` runs in a container, from compose/seed. */
  seedProgram(name: string): Promise<string>;
}
