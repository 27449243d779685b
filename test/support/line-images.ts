import { join } from "node:path";
import { createBundledFiles } from "../../src/adapters/bundled-files.ts";
import { realClock } from "../../src/adapters/clock.ts";
import { createDockerEngine } from "../../src/adapters/docker-engine.ts";
import { createImageBuilder } from "../../src/adapters/image-builder.ts";
import { createSystem } from "../../src/adapters/system.ts";
import { buildImages } from "../../src/stack/build-images.ts";
import type { Emit } from "../../src/stack/events.ts";
import { missingImages, planCheckImage, planImages, type ImagePlan } from "../../src/stack/images.ts";
import { lineVersions, type Line } from "../../src/stack/lines.ts";
import { defaultSpec } from "../../src/stack/spec.ts";
import { repository } from "./run.ts";

export const rootImageScript = join(repository, "scripts", "base-image.sh");
export const bundled = createBundledFiles(repository);

/** Sees to it that the images of a line are there, built where the engine lacks one. */
export async function provideLine(line: Line, emit: Emit = () => undefined): Promise<ImagePlan> {
  const plan = await planLine(line);
  await buildMissing(plan, emit);
  return plan;
}

/** Sees to it that the image of `stack dags check` is there; returns its tag. */
export async function provideCheckImage(emit: Emit = () => undefined): Promise<string> {
  const { image, base } = await planCheckImage(bundled, createSystem().digest);
  await buildMissing({ ...(await planLine("current")), bases: [base], own: [image] }, emit);
  return image.tag;
}

async function planLine(line: Line): Promise<ImagePlan> {
  const spec = { ...defaultSpec("images"), line, versions: lineVersions(line) };
  return await planImages(spec, bundled, createSystem().digest);
}

async function buildMissing(plan: ImagePlan, emit: Emit): Promise<void> {
  const engine = createDockerEngine(process.env["DOCKER_HOST"]);
  await buildImages(plan, await missingImages(plan, engine), {
    engine,
    builder: createImageBuilder({ rootImageScript, env: process.env }),
    bundled,
    clock: realClock,
    emit,
    parallel: 2,
    signal: new AbortController().signal,
  });
}
