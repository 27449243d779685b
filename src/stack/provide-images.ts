import { StackError } from "../lib/errors.ts";
import { buildImages, pullImages, type BuildDeps } from "./build-images.ts";
import { missingImages, type ImagePlan } from "./images.ts";
import type { EngineInfo } from "./ports.ts";
import { checkRoom, type PreflightDeps } from "./preflight.ts";

type ProvideDeps = PreflightDeps & Omit<BuildDeps, "parallel">;

/**
 * Sees to it that the engine has every image of the plan; returns the names of those it built.
 * Throws IMAGE_UNAVAILABLE, DISK_LOW, BUILDX_MISSING or BUILD_FAILED.
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
  const names = missing.map((image) => image.name);
  await checkRoom(info, missing.length > 0, deps);
  if (missing.length > 0 && !mayBuild) {
    throw new StackError(
      "IMAGE_UNAVAILABLE",
      `The stack could not start: no image built yet for ${names.join(", ")}.`,
      {
        hint: "Build by running `stack up` without --no-build, or name other images under `images` in stack.yaml.",
        facts: { images: names },
      },
    );
  }
  if (missing.length > 0 && (await deps.compose.versions()).buildx === undefined) {
    throw new StackError(
      "BUILDX_MISSING",
      `The images of ${names.join(", ")} have to be built, and the docker buildx plugin is not installed.`,
      {
        hint: "Install it; on Debian as root: scripts/engine.sh",
      },
    );
  }
  await buildImages(plan, missing, buildDeps);
  return names;
}
