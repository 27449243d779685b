import type { ProjectLayer } from "./layer/plan-layer.ts";
import { lineFacts } from "./lines.ts";
import type { BundledFiles } from "./bundled-files.ts";
import type { Engine } from "./ports.ts";
import { elsewhereOf } from "./mlflow-spec.ts";
import { imageNames, type ImageName, type StackSpec } from "./spec.ts";

interface BuiltImage {
  readonly name: ImageName | "base" | "project" | "check";
  readonly tag: string;
  readonly fingerprint: string;
}

/** An image of ours: `fingerprint` changes when its recipe, its lock or the base's recipe does. */
export interface OwnImage extends BuiltImage {
  readonly version: string;
  /** Its folder in compose/images. */
  readonly recipe: string;
  /** The tag of what it stands on. */
  readonly from: string;
}

/** The project's own packages on top of an image of ours. */
export interface LayerImage extends BuiltImage {
  readonly from: OwnImage;
  readonly recipe: ProjectLayer;
}

export interface ImagePlan {
  /** What the own images stand on, one for each release of Debian among them. */
  readonly bases: readonly OwnImage[];
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
const buildOrder: readonly ImageName[] = ["minio", "airflow", "mlflow", "postgres"];

/** Which image each service runs, from the recipes as they are now. */
export async function planImages(
  spec: StackSpec,
  bundled: BundledFiles,
  digest: (text: string) => string,
  project?: ProjectLayer,
): Promise<ImagePlan> {
  const baseDigest = await bundled.imageDigest("base");
  const baseOf = (release: string): OwnImage => baseImage(release, baseDigest);
  const facts = lineFacts[spec.line].images;
  const own = await Promise.all(
    buildOrder
      .filter((name) => spec.images[name] === undefined && isUsed(name, spec))
      .map(async (name) => {
        const { recipe, debian } = facts[name];
        const { tag: from } = baseOf(debian);
        const fingerprint = digest(`${from} ${await bundled.imageDigest(recipe)}`);
        return ownImage({ name, recipe, from }, spec.versions[name], fingerprint);
      }),
  );
  const releases = new Set(buildOrder.map((name) => facts[name].debian));
  const airflow = own.find((image) => image.name === "airflow");
  const layer =
    project === undefined || airflow === undefined ? undefined : layerImage(project, airflow, digest);
  const reference = (name: ImageName): string =>
    spec.images[name] ?? own.find((image) => image.name === name)?.tag ?? "";
  return {
    bases: [...releases].map(baseOf).filter(({ tag }) => own.some(({ from }) => from === tag)),
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

function baseImage(release: string, digest: string): OwnImage {
  return ownImage({ name: "base", recipe: "base", from: `stack-debian:${release}` }, release, digest);
}

function ownImage(
  image: Pick<OwnImage, "name" | "recipe" | "from">,
  version: string,
  digest: string,
): OwnImage {
  const fingerprint = digest.slice(0, 12);
  return { ...image, version, fingerprint, tag: `stack-${image.name}:${version}-${fingerprint}` };
}

/** The image whose program finds names that Airflow 3 moved or dropped, and what it stands on; the same in each line. */
export async function planCheckImage(
  bundled: BundledFiles,
  digest: (text: string) => string,
): Promise<{ readonly image: OwnImage; readonly base: OwnImage }> {
  const base = baseImage("13", await bundled.imageDigest("base"));
  const fingerprint = digest(`${base.tag} ${await bundled.imageDigest("check")}`);
  return { base, image: ownImage({ name: "check", recipe: "check", from: base.tag }, "13", fingerprint) };
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
export async function isPresent(image: BuiltImage, engine: Engine): Promise<boolean> {
  const labels = await engine.imageLabels(image.tag);
  return labels?.[fingerprintLabel] === image.fingerprint;
}
