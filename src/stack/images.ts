import type { BundledFiles, Engine } from "./ports.ts";
import { elsewhereOf } from "./mlflow-spec.ts";
import { imageNames, type ImageName, type StackSpec } from "./spec.ts";

/** An image of ours: `fingerprint` changes when its recipe, its lock or the base's recipe does. */
export interface OwnImage {
  readonly name: ImageName | "base";
  readonly tag: string;
  readonly fingerprint: string;
}

export interface ImagePlan {
  readonly base: OwnImage;
  /** In the order to build them: the slowest first, since it decides the length of the whole. */
  readonly own: readonly OwnImage[];
  /** Images that the user named instead. */
  readonly given: readonly string[];
  /** What each service runs. */
  readonly references: Readonly<Record<ImageName, string>>;
}

export const fingerprintLabel = "io.github.stack.fingerprint";
export const rootImage = "stack-debian:13";
const buildOrder: readonly ImageName[] = ["minio", "airflow", "mlflow", "postgres"];

/** Which image each service runs, from the recipes as they are now. */
export async function planImages(
  spec: StackSpec,
  bundled: BundledFiles,
  digest: (text: string) => string,
): Promise<ImagePlan> {
  const base = ownImage("base", "13", await bundled.imageDigest("base"));
  const own = await Promise.all(
    buildOrder
      .filter((name) => spec.images[name] === undefined && isUsed(name, spec))
      .map(async (name) => {
        const recipe = await bundled.imageDigest(name);
        return ownImage(name, spec.versions[name], digest(`${base.fingerprint} ${recipe}`));
      }),
  );
  const reference = (name: ImageName): string =>
    spec.images[name] ?? own.find((image) => image.name === name)?.tag ?? "";
  return {
    base,
    own,
    given: imageNames.flatMap((name) => (isUsed(name, spec) ? (spec.images[name] ?? []) : [])),
    references: {
      airflow: reference("airflow"),
      minio: reference("minio"),
      mlflow: reference("mlflow"),
      postgres: reference("postgres"),
    },
  };
}

function isUsed(name: ImageName, spec: StackSpec): boolean {
  return name !== "mlflow" || elsewhereOf(spec) === undefined;
}

function ownImage(name: OwnImage["name"], version: string, digest: string): OwnImage {
  const fingerprint = digest.slice(0, 12);
  return { name, fingerprint, tag: `stack-${name}:${version}-${fingerprint}` };
}

/** The images of `plan` that the engine lacks, or has under the right name with other contents. */
export async function missingImages(plan: ImagePlan, engine: Engine): Promise<readonly OwnImage[]> {
  const present = await Promise.all(plan.own.map((image) => isPresent(image, engine)));
  return plan.own.filter((_, index) => present[index] !== true);
}

/** Whether the engine has this very image. */
export async function isPresent(image: OwnImage, engine: Engine): Promise<boolean> {
  const labels = await engine.imageLabels(image.tag);
  return labels?.[fingerprintLabel] === image.fingerprint;
}
