import type { ProjectFiles } from "../ports.ts";
import { buildFolder, ensureStackFolder, writeIfChanged } from "../stack-folder.ts";
import type { ProjectLayer } from "./plan-layer.ts";

/** Writes a layer's Dockerfile where the builder finds it; its absolute path, and that of the build context. */
export async function writeRecipe(
  { dockerfile, dockerignore }: ProjectLayer,
  files: ProjectFiles,
): Promise<{ readonly contextDir: string; readonly dockerfile: string }> {
  const path = `${buildFolder}/Dockerfile`;
  await ensureStackFolder(files);
  await files.ensureDir(buildFolder);
  await writeIfChanged(files, path, dockerfile);
  // The builder takes this one before the project's own.
  await writeIfChanged(files, `${path}.dockerignore`, dockerignore);
  return { contextDir: files.dir, dockerfile: files.absolute(path) };
}
