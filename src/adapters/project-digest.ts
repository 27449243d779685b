import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** Not part of what a project is made of. */
const passedOver = new Set([".stack", ".git", "__pycache__"]);

/** SHA-256 over path, mode and content of all files at or below `paths` of a folder, hex. */
export async function digestPaths(folder: string, paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  const found = await Promise.all(paths.map(async (path) => await filesBelow(join(folder, path))));
  for (const path of [...new Set(found.flat())].toSorted()) {
    const [content, { mode }] = await Promise.all([readFile(path), stat(path)]);
    hash.update(`${relative(folder, path)}\0${(mode & 0o777).toString(8)}\0${content.length}\0`);
    hash.update(content);
  }
  return hash.digest("hex");
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const kind = await stat(path).catch(() => undefined);
  if (kind === undefined) return [];
  if (!kind.isDirectory()) return kind.isFile() ? [path] : [];
  const names = (await readdir(path)).filter((name) => !passedOver.has(name));
  return (await Promise.all(names.map(async (name) => await filesBelow(join(path, name))))).flat();
}
