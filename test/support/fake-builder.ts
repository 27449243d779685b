import { posix } from "node:path";
import type { Clock } from "../../src/lib/clock.ts";
import { interrupted, StackError } from "../../src/lib/errors.ts";
import type { ImageBuilder } from "../../src/stack/ports.ts";
import type { FakeEngine } from "./fake-engine.ts";

export interface FakeBuilder extends ImageBuilder {
  /** Steps that fail, by image ("mlflow"), with what they print. */
  readonly failures: Map<string, { readonly step: string; readonly log: readonly string[] }>;
  /** Images that registries have. */
  readonly registry: Set<string>;
  /** How long a build takes, by image; 1 s for any other. */
  readonly durationsMs: Map<string, number>;
  /** The most builds that were ever at work at the same time. */
  readonly peak: number;
}

export interface FakeBuilderOptions {
  readonly engine: FakeEngine;
  readonly clock: Clock;
}

/** Builds images onto the fake engine; as in a real build, what an image stands on has to be there. */
export function createFakeBuilder({ engine, clock }: FakeBuilderOptions): FakeBuilder {
  const { images } = engine.world;
  const failures: FakeBuilder["failures"] = new Map();
  const durationsMs = new Map<string, number>();
  const registry = new Set<string>();
  let atWork = 0;
  let peak = 0;

  const work = async (name: string, signal: AbortSignal): Promise<void> => {
    peak = Math.max(peak, ++atWork);
    try {
      const endMs = (durationsMs.get(name) ?? 1000) / 100;
      for (let at = 0; at < endMs; at++) await clock.sleep(100, signal);
    } catch (error) {
      throw signal.aborted ? interrupted(signal.reason) : error;
    } finally {
      atWork--;
    }
    const failure = failures.get(name);
    if (failure !== undefined)
      throw new StackError("BUILD_FAILED", `the step "${failure.step}" failed.`, {
        hint: "Correct the cause shown above.",
        facts: failure,
      });
  };

  return {
    failures,
    registry,
    durationsMs,
    get peak() {
      return peak;
    },
    build: async ({ contextDir, tag, labels, buildArgs, dockerfile }, { signal, onStep }) => {
      // A recipe of its own beside its context is the project's.
      const name = dockerfile === undefined ? posix.basename(contextDir) : "project";
      const from = buildArgs["BASE"] ?? "";
      if (!images.has(from)) throw new StackError("BUILD_FAILED", `the step "FROM ${from}" failed.`);
      onStep(`1/1 RUN make ${name}`);
      await work(name, signal);
      images.set(tag, labels);
    },
    pull: async (reference, { signal, onStep }) => {
      onStep(`Pulling ${reference}`);
      await work(reference, signal);
      if (!registry.has(reference))
        throw new StackError("IMAGE_UNAVAILABLE", `The image ${reference} can't be had: not found.`);
      images.set(reference, {});
    },
    makeRootImage: async (tag, { signal, onStep }) => {
      onStep("bootstrapping Debian");
      await work(tag, signal);
      images.set(tag, {});
    },
  };
}
