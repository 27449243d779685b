import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import { explainDownload } from "./explain-download.ts";
import { fingerprintLabel, isPresent, type ImagePlan, type LayerImage, type OwnImage } from "./images.ts";
import { explainLayerFailure } from "./layer/explain-build.ts";
import type { BuildRequest, ImageBuilder } from "./image-builder.ts";
import type { BundledFiles } from "./bundled-files.ts";
import type { Engine } from "./ports.ts";

export interface BuildDeps {
  readonly engine: Engine;
  readonly builder: ImageBuilder;
  readonly bundled: BundledFiles;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Images that are built at the same time, at most. */
  readonly parallel: number;
  readonly signal: AbortSignal;
}

/**
 * Builds `images`, and first what they stand on. The first failure stops the others.
 * Throws BUILD_FAILED or DOWNLOAD_FAILED naming the image and the step.
 */
export async function buildImages(
  plan: ImagePlan,
  images: readonly OwnImage[],
  deps: BuildDeps,
): Promise<void> {
  if (images.length === 0) return;
  for (const base of plan.bases) {
    const isNeeded = images.some(({ from }) => from === base.tag);
    if (isNeeded && !(await isPresent(base, deps.engine))) await buildBase(base, deps);
  }

  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  const waiting = [...images];
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      try {
        await buildOne(next, { ...deps, signal });
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, deps.parallel) }, work));
  deps.signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

/** Fetches the images that the user named and the engine lacks. Throws IMAGE_UNAVAILABLE. */
export async function pullImages(references: readonly string[], deps: BuildDeps): Promise<void> {
  for (const reference of new Set(references)) {
    if ((await deps.engine.imageLabels(reference)) !== undefined) continue;
    await watched(reference, deps, (onStep) => deps.builder.pull(reference, { signal: deps.signal, onStep }));
  }
}

/**
 * Builds the project's own layer. Throws REQUIREMENTS_CONFLICT in
 * the resolver's own words, DOWNLOAD_FAILED or BUILD_FAILED.
 */
export async function buildLayer(
  layer: LayerImage,
  paths: { readonly contextDir: string; readonly dockerfile: string },
  deps: BuildDeps,
): Promise<void> {
  const request = {
    ...paths,
    tag: layer.tag,
    labels: { [fingerprintLabel]: layer.fingerprint },
    buildArgs: { BASE: layer.from.tag },
  };
  try {
    await watched(layer.name, deps, (onStep) => build(request, deps, onStep));
  } catch (error) {
    throw explainLayerFailure(error);
  }
}

async function buildBase(base: OwnImage, deps: BuildDeps): Promise<void> {
  await watched("base", deps, async (onStep) => {
    if ((await deps.engine.imageLabels(base.from)) === undefined) {
      await deps.builder.makeRootImage(base.from, { signal: deps.signal, onStep });
    }
    await build(requestFor(base, deps.bundled), deps, onStep);
  });
}

async function buildOne(image: OwnImage, deps: BuildDeps): Promise<void> {
  await watched(image.name, deps, (onStep) => build(requestFor(image, deps.bundled), deps, onStep));
}

async function build(
  request: BuildRequest,
  { builder, signal }: BuildDeps,
  onStep: (step: string) => void,
): Promise<void> {
  try {
    await builder.build(request, { signal, onStep });
  } catch (error) {
    throw explainDownload(error);
  }
}

function requestFor(image: OwnImage, bundled: BundledFiles): BuildRequest {
  return {
    contextDir: bundled.imageDir(image.recipe),
    tag: image.tag,
    labels: { [fingerprintLabel]: image.fingerprint },
    // Only the recipes that serve several versions ask for theirs.
    buildArgs: { BASE: image.from, VERSION: image.version },
  };
}

async function watched(
  name: string,
  deps: BuildDeps,
  work: (onStep: (step: string) => void) => Promise<void>,
): Promise<void> {
  const id = `image:${name}`;
  const text = `image ${name}`;
  const startedMs = deps.clock.nowMs();
  const elapsedMs = (): number => deps.clock.nowMs() - startedMs;
  deps.emit({ kind: "step", id, status: "started", text });
  try {
    await work((detail) => {
      deps.emit({ kind: "step", id, status: "progress", text, detail, elapsedMs: elapsedMs() });
    });
  } catch (error) {
    deps.emit({ kind: "step", id, status: "failed", text, elapsedMs: elapsedMs() });
    throw nameImage(error, name);
  }
  deps.emit({ kind: "step", id, status: "done", text, elapsedMs: elapsedMs() });
}

function nameImage(error: unknown, name: string): unknown {
  if (!(error instanceof StackError) || !["BUILD_FAILED", "DOWNLOAD_FAILED"].includes(error.code))
    return error;
  return new StackError(error.code, `The image of ${name} could not be built: ${error.message}`, {
    cause: error,
    hint: error.hint,
    facts: { ...error.facts, image: name },
  });
}
