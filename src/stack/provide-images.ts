import { StackError } from "../lib/errors.ts";
import { buildImages, buildLayer, pullImages, type BuildDeps } from "./build-images.ts";
import { isPresent, missingImages, type ImagePlan } from "./images.ts";
import { writeRecipe } from "./layer/write-recipe.ts";
import type { EngineInfo, ProjectFiles } from "./ports.ts";
import { checkRoom, type PreflightDeps } from "./preflight.ts";

export type ProvideDeps = PreflightDeps & Omit<BuildDeps, "parallel"> & { readonly files: ProjectFiles };

/**
 * Sees to it that the engine has every image of the plan; returns the names of those it built.
 * Throws IMAGE_UNAVAILABLE, DISK_LOW, BUILDX_MISSING, BUILD_FAILED, DOWNLOAD_FAILED
 * or REQUIREMENTS_CONFLICT.
 */
export async function provideImages(
  plan: ImagePlan,
  info: EngineInfo,
  mayBuild: boolean,
  deps: ProvideDeps,
): Promise<readonly string[]> {
  const buildDeps = { ...deps, parallel: info.cpus };
  await pullImages(plan.given, buildDeps);
  const missing = await missingImages(plan, deps.engine);
  const layer =
    plan.layer === undefined || (await isPresent(plan.layer, deps.engine)) ? undefined : plan.layer;
  const names = [...missing, ...(layer === undefined ? [] : [layer])].map((image) => image.name);
  await checkRoom(info, missing.length > 0, deps);
  if (names.length > 0 && !mayBuild) {
    throw new StackError(
      "IMAGE_UNAVAILABLE",
      `The stack could not start: no image built yet for ${names.join(", ")}.`,
      {
        hint: "Build by running `stack up` without --no-build, or name other images under `images` in stack.yaml.",
        facts: { images: names },
      },
    );
  }
  if (names.length > 0 && (await deps.compose.versions(deps.signal)).buildx === undefined) {
    throw new StackError(
      "BUILDX_MISSING",
      `The images of ${names.join(", ")} have to be built, and the docker buildx plugin is not installed.`,
      {
        hint: "Install it; on Debian as root: scripts/engine.sh",
      },
    );
  }
  await buildImages(plan, missing, buildDeps);
  if (layer !== undefined) await buildLayer(layer, await writeRecipe(layer.recipe, deps.files), buildDeps);
  return names;
}
