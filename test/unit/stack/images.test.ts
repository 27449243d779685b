import { describe, expect, test } from "vitest";
import { fingerprintLabel, isPresent, missingImages, planImages } from "../../../src/stack/images.ts";
import { defaultSpec, type StackSpec } from "../../../src/stack/spec.ts";
import { createFakeBundled } from "../../support/fake-bundled.ts";
import { createFakeEngine } from "../../support/fake-engine.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const spec = defaultSpec("housing");
const { digest } = createFakeSystem();

async function plan(change: Partial<StackSpec> = {}, recipes: Readonly<Record<string, string>> = {}) {
  const bundled = createFakeBundled();
  for (const [name, recipe] of Object.entries(recipes)) bundled.recipes.set(name, recipe);
  return await planImages({ ...spec, ...change }, bundled, digest);
}

/** Names of the images that these recipes give another tag. */
async function changedBy(recipes: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const [before, after] = [await plan(), await plan({}, recipes)];
  const tags = new Set([...before.bases, ...before.own].map(({ tag }) => tag));
  return [...after.bases, ...after.own].filter(({ tag }) => !tags.has(tag)).map(({ name }) => name);
}

describe("an image of ours", () => {
  test("is named by its version and what it is made of", async () => {
    const { references, bases } = await plan();
    expect(bases).toHaveLength(1);
    expect(bases[0]?.tag).toMatch(/^stack-base:13-[0-9a-f]{12}$/u);
    expect(references.airflow).toMatch(/^stack-airflow:3\.3\.2-[0-9a-f]{12}$/u);
    expect(references.minio).toMatch(/^stack-minio:2026-02-12-[0-9a-f]{12}$/u);
  });

  test("has the same name each time and in every project", async () => {
    expect(await plan({ project: "other", bucket: "other", ports: { ...spec.ports, s3: 1 } })).toEqual(
      await plan(),
    );
  });

  test("changes with its own recipe alone", async () => {
    await expect(changedBy({ mlflow: "another recipe" })).resolves.toEqual(["mlflow"]);
  });

  test("changes with the base's recipe, as all of them do", async () => {
    await expect(changedBy({ base: "another recipe" })).resolves.toEqual([
      "base",
      "minio",
      "airflow",
      "mlflow",
      "postgres",
    ]);
  });

  test("is not built in place of one that the user names", async () => {
    const { own, given, references } = await plan({ images: { mlflow: "registry.example/mlflow:1" } });
    expect(own.map(({ name }) => name)).toEqual(["minio", "airflow", "postgres"]);
    expect(given).toEqual(["registry.example/mlflow:1"]);
    expect(references.mlflow).toBe("registry.example/mlflow:1");
  });
});

describe("images that are missing", () => {
  test("are all of them on a new engine, the slowest first", async () => {
    const missing = await missingImages(await plan(), createFakeEngine());
    expect(missing.map(({ name }) => name)).toEqual(["minio", "airflow", "mlflow", "postgres"]);
  });

  test("are those without the right label, whatever their name", async () => {
    const engine = createFakeEngine();
    const planned = await plan();
    const [minio, airflow, mlflow, postgres] = planned.own;
    for (const image of planned.own)
      engine.world.images.set(image.tag, { [fingerprintLabel]: image.fingerprint });
    engine.world.images.set(airflow?.tag ?? "", {});
    engine.world.images.set(mlflow?.tag ?? "", { [fingerprintLabel]: "of another recipe" });
    await expect(missingImages(planned, engine)).resolves.toEqual([airflow, mlflow]);
    await expect(
      Promise.all([minio, postgres].map(async (one) => one !== undefined && (await isPresent(one, engine)))),
    ).resolves.toEqual([true, true]);
  });
});
