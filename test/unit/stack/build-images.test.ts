import { describe, expect, test } from "vitest";
import { StackError } from "../../../src/lib/errors.ts";
import { buildImages, pullImages } from "../../../src/stack/build-images.ts";
import { fingerprintLabel, missingImages, planImages } from "../../../src/stack/images.ts";
import { defaultSpec } from "../../../src/stack/spec.ts";
import { createStackWorld, type StackWorld } from "../../support/stack-world.ts";

const rootImage = "stack-debian:13";

async function build(world: StackWorld, parallel = 2): Promise<void> {
  const { engine, bundled, system } = world;
  const plan = await planImages(defaultSpec("housing"), bundled, system.digest);
  await buildImages(plan, await missingImages(plan, engine), { ...world, parallel });
}

/** The images on the engine, without what comes after their name. */
function builtOn({ engine }: StackWorld): readonly string[] {
  return [...engine.world.images.keys()].map((tag) => tag.replace(/:.*/u, "").replace("stack-", ""));
}

function steps({ events }: StackWorld): readonly string[] {
  return events.flatMap((event) => (event.kind === "step" ? [`${event.text} ${event.status}`] : []));
}

describe("building", () => {
  test("makes what images stand on first, then each with its label", async () => {
    const world = createStackWorld();
    await build(world);
    expect(builtOn(world).slice(0, 2)).toEqual(["debian", "base"]);
    expect(builtOn(world).toSorted()).toEqual(["airflow", "base", "debian", "minio", "mlflow", "postgres"]);
    const plan = await planImages(defaultSpec("housing"), world.bundled, world.system.digest);
    await expect(missingImages(plan, world.engine)).resolves.toEqual([]);
    for (const { tag, fingerprint } of plan.bases) {
      expect(world.engine.world.images.get(tag)).toEqual({ [fingerprintLabel]: fingerprint });
    }
  });

  test("has nothing to do for images that are there", async () => {
    const world = createStackWorld();
    await build(world);
    world.builder.failures.set("minio", { step: "any", log: [] });
    const before = world.events.length;
    await expect(build(world)).resolves.toBeUndefined();
    expect(world.events).toHaveLength(before);
  });

  test("uses a Debian image that is there", async () => {
    const world = createStackWorld();
    world.engine.world.images.set(rootImage, { "made.by": "someone" });
    await build(world);
    expect(world.engine.world.images.get(rootImage)).toEqual({ "made.by": "someone" });
  });

  test.each([1, 2, 3])("does %i at the same time and never more", async (parallel) => {
    const world = createStackWorld();
    await build(world, parallel);
    expect(world.builder.peak).toBe(parallel);
  });

  test("goes on one by one on an engine that tells no number of processors", async () => {
    const world = createStackWorld();
    await build(world, 0);
    expect(builtOn(world)).toContain("postgres");
  });

  test("tells for each image when it begins, what it is at, and how long it took", async () => {
    const world = createStackWorld();
    world.builder.durationsMs.set("postgres", 2000);
    await build(world, 1);
    expect(world.events.filter((event) => event.kind === "step" && event.id === "image:postgres")).toEqual([
      { kind: "step", id: "image:postgres", status: "started", text: "image postgres" },
      expect.objectContaining({ status: "progress", detail: "1/1 RUN make postgres", elapsedMs: 0 }),
      expect.objectContaining({ status: "done", elapsedMs: 2000 }),
    ]);
  });
});

describe("a build that fails", () => {
  test("names image and step, keeps the last lines, and gives a hint", async () => {
    const world = createStackWorld();
    world.builder.failures.set("mlflow", { step: "3/9 RUN pip install", log: ["no space left"] });
    await expect(build(world)).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: 'The image of mlflow could not be built: the step "3/9 RUN pip install" failed.',
      hint: expect.any(String),
      facts: { image: "mlflow", step: "3/9 RUN pip install", log: ["no space left"] },
    });
    expect(steps(world)).toContain("image mlflow failed");
  });

  test("stops the others, and those that wait are not begun", async () => {
    const world = createStackWorld();
    world.builder.failures.set("minio", { step: "1/1 RUN", log: [] });
    world.builder.durationsMs.set("minio", 200).set("airflow", 60_000);
    await expect(build(world)).rejects.toMatchObject({ facts: { image: "minio" } });
    expect(builtOn(world)).toEqual(["debian", "base"]);
    expect(steps(world).filter((step) => /mlflow|postgres/u.test(step))).toEqual([]);
  });

  test("leaves what was built before it", async () => {
    const world = createStackWorld();
    world.builder.failures.set("mlflow", { step: "1/1 RUN", log: [] });
    await expect(build(world, 1)).rejects.toMatchObject({ facts: { image: "mlflow" } });
    expect(builtOn(world)).toEqual(["debian", "base", "minio", "airflow"]);
  });

  test("of the base begins no other", async () => {
    const world = createStackWorld();
    world.builder.failures.set("base", { step: "1/1 RUN", log: [] });
    await expect(build(world)).rejects.toMatchObject({ facts: { image: "base" } });
    expect(builtOn(world)).toEqual(["debian"]);
  });

  test("of the Debian image says so under the base's name", async () => {
    const world = createStackWorld();
    world.builder.failures.set(rootImage, { step: "Debian root image", log: ["no registry"] });
    await expect(build(world)).rejects.toMatchObject({ code: "BUILD_FAILED", facts: { image: "base" } });
  });
});

test("Ctrl-C while images are built is an interruption with its own words", async () => {
  const world = createStackWorld();
  const reason = new StackError("INTERRUPTED", "Interrupted; what had been started stays as it is.");
  const building = build(world);
  while (!steps(world).includes("image minio progress")) await world.clock.sleep(10);
  world.interrupt(reason);
  await expect(building).rejects.toBe(reason);
  expect(builtOn(world)).toEqual(["debian", "base"]);
});

describe("images that the user names", () => {
  test("are fetched when the engine lacks them, each once", async () => {
    const world = createStackWorld();
    world.builder.registry.add("registry.example/a:1");
    await pullImages(["registry.example/a:1", "registry.example/a:1"], { ...world, parallel: 1 });
    expect([...world.engine.world.images.keys()]).toEqual(["registry.example/a:1"]);
    expect(steps(world).filter((step) => step.endsWith("started"))).toHaveLength(1);
  });

  test("are left alone when they are there", async () => {
    const world = createStackWorld();
    world.engine.world.images.set("mine:1", {});
    await expect(pullImages(["mine:1"], { ...world, parallel: 1 })).resolves.toBeUndefined();
  });

  test("that no registry has are unavailable", async () => {
    const world = createStackWorld();
    await expect(pullImages(["nowhere:1"], { ...world, parallel: 1 })).rejects.toMatchObject({
      code: "IMAGE_UNAVAILABLE",
      message: expect.stringContaining("nowhere:1"),
    });
  });
});
