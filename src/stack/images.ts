import type { ProjectLayer } from "./layer/plan-layer.ts";
import type { BundledFiles, Engine } from "./ports.ts";
import { elsewhereOf } from "./mlflow-spec.ts";
import { imageNames, type ImageName, type StackSpec } from "./spec.ts";

/** An image of ours: `fingerprint` changes when its recipe, its lock or the base's recipe does. */
export interface OwnImage {
  readonly name: ImageName | "base" | "project" | "check";
  readonly tag: string;
  readonly fingerprint: string;
}

/** The project's own packages on top of an image of ours. */
export interface LayerImage extends OwnImage {
  readonly from: OwnImage;
  readonly recipe: ProjectLayer;
}

export interface ImagePlan {
  readonly base: OwnImage;
  /** In the order to build them: the slowest first, since it decides the length of the whole. */
  readonly own: readonly OwnImage[];
  /** Undefined when the project asks for nothing, or names an Airflow image. */
  readonly layer: LayerImage | undefined;
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
  project?: ProjectLayer,
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
  const from = own.find((image) => image.name === "airflow");
  const layer = project === undefined || from === undefined ? undefined : layerImage(project, from, digest);
  const reference = (name: ImageName): string =>
    spec.images[name] ?? own.find((image) => image.name === name)?.tag ?? "";
  return {
    base,
    own,
    layer,
    given: imageNames.flatMap((name) => (isUsed(name, spec) ? (spec.images[name] ?? []) : [])),
    references: {
      airflow: layer?.tag ?? reference("airflow"),
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

/** The image whose program finds names that Airflow 3 moved or dropped. */
export async function planCheckImage(
  { base }: ImagePlan,
  bundled: BundledFiles,
  digest: (text: string) => string,
): Promise<OwnImage> {
  return ownImage("check", "13", digest(`${base.fingerprint} ${await bundled.imageDigest("check")}`));
}

function layerImage(recipe: ProjectLayer, from: OwnImage, digest: (text: string) => string): LayerImage {
  const fingerprint = digest(`${from.fingerprint} ${recipe.contents}`).slice(0, 12);
  const tag = `${from.tag.replace(/^stack-airflow:/u, "stack-airflow-project:").replace(/-[^-]*$/u, "")}-${fingerprint}`;
  return { name: "project", fingerprint, tag, from, recipe };
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
