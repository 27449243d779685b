import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Line } from "../stack/lines.ts";
import type { BundledFiles } from "../stack/bundled-files.ts";

/** `root` is the folder that the tool is installed in, where compose/ and dags/ lie. */
export function createBundledFiles(root: string): BundledFiles {
  const imageDir = (image: string): string => join(root, "compose", "images", image);
  const dagsDir = (line: Line): string =>
    line === "current" ? join(root, "dags") : join(root, "dags", line);
  return {
    imageDir,
    imageDigest: async (image) => await digestFolder(imageDir(image)),
    dagFiles: async (line) =>
      (await readdir(dagsDir(line))).filter((name) => name.endsWith(".py")).toSorted(),
    dagFile: async (name, line) => await readFile(join(dagsDir(line), name), "utf8"),
    seedProgram: async (name) => await readFile(join(root, "compose", "seed", name), "utf8"),
  };
}

// Tests of a recipe's own code don't reach the image; see its .dockerignore.
const notInImage = /(?:^|\/)(?:tests|__pycache__|\.pytest_cache)(?:\/|$)/u;

async function digestFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !notInImage.test(path))
    .toSorted();
  const hash = createHash("sha256");
  for (const path of paths) {
    const [content, { mode }] = await Promise.all([readFile(join(folder, path)), stat(join(folder, path))]);
    // Of the mode only what git keeps, so that a clone under another umask has the same digest.
    hash.update(`${path}\0${(mode & 0o100) === 0 ? "-" : "x"}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
