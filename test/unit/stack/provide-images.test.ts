import { expect, test } from "vitest";
import { planImages } from "../../../src/stack/images.ts";
import { provideImages } from "../../../src/stack/provide-images.ts";
import { defaultSpec, type StackSpec } from "../../../src/stack/spec.ts";
import { createStackWorld, type StackWorld } from "../../support/stack-world.ts";

async function provide(world: StackWorld, mayBuild = true, images: StackSpec["images"] = {}) {
  const plan = await planImages({ ...defaultSpec("housing"), images }, world.bundled, world.system.digest);
  return await provideImages(plan, await world.engine.info(), mayBuild, world);
}

test("what is missing is built and told", async () => {
  await expect(provide(createStackWorld())).resolves.toEqual(["minio", "airflow", "mlflow", "postgres"]);
});

test("a second time there is nothing to build", async () => {
  const world = createStackWorld();
  await provide(world);
  await expect(provide(world, false)).resolves.toEqual([]);
});

test("missing images are refused when nothing may be built, and nothing is", async () => {
  const world = createStackWorld();
  await expect(provide(world, false)).rejects.toMatchObject({
    code: "IMAGE_UNAVAILABLE",
    message: "The stack could not start: no image built yet for minio, airflow, mlflow, postgres.",
  });
  expect(world.engine.world.images.size).toBe(0);
});

test("without the buildx plugin there is no building, but running what is there", async () => {
  const world = createStackWorld();
  world.compose.installed = { compose: "2.26.1", buildx: undefined };
  await expect(provide(world)).rejects.toMatchObject({ code: "BUILDX_MISSING" });
  world.compose.installed = { compose: "2.26.1", buildx: "0.13.1" };
  await provide(world);
  world.compose.installed = { compose: "2.26.1", buildx: undefined };
  await expect(provide(world)).resolves.toEqual([]);
});

test("a disk too small to build on is noticed before anything is built", async () => {
  const world = createStackWorld();
  world.system.diskBytes = 4 * 1024 ** 3;
  await expect(provide(world)).rejects.toMatchObject({ code: "DISK_LOW" });
  expect(world.engine.world.images.size).toBe(0);
});

test("with images of the user's own alone, nothing is built", async () => {
  const world = createStackWorld();
  const images = { airflow: "a:1", mlflow: "b:1", minio: "c:1", postgres: "d:1" };
  for (const reference of Object.values(images)) world.builder.registry.add(reference);
  await expect(provide(world, false, images)).resolves.toEqual([]);
  expect([...world.engine.world.images.keys()].toSorted()).toEqual(["a:1", "b:1", "c:1", "d:1"]);
});
