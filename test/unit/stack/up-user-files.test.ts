import { describe, expect, test } from "vitest";
import type { FakeAirflow } from "../../support/fake-airflow.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

describe("a project with packages of its own", () => {
  const texts = { "requirements.txt": "humanize==4.12.0\n" };

  test("runs Airflow from a layer on the stack's image, built once", async () => {
    const world = createStackWorld({ texts });
    await expect(upOf(world)).resolves.toMatchObject({
      builtImages: ["minio", "airflow", "mlflow", "postgres", "project"],
    });
    const airflow = (await world.engine.containers((await world.project()).spec.project)).find(
      ({ service }) => service === "airflow",
    );
    expect(airflow?.image).toMatch(/^stack-airflow-project:3\.3\.2-[0-9a-f]{12}$/u);
    await expect(upOf(world)).resolves.toMatchObject({ builtImages: [], changed: false });
  });

  test("rebuilds that layer alone after an edit", async () => {
    const world = createStackWorld({ texts });
    await upOf(world);
    await world.files.write("requirements.txt", "humanize==4.13.0\n");
    await expect(upOf(world)).resolves.toMatchObject({ builtImages: ["project"], changed: true });
  });

  test("keeps its running stack when the layer can't be built", async () => {
    const world = createStackWorld({ texts });
    await upOf(world);
    const before = [...world.engine.world.containers.keys()];
    const compose = await world.files.read(".stack/compose.yaml");
    await world.files.write("requirements.txt", "six==1.0\n");
    world.builder.failures.set("project", {
      step: "RUN uv pip install",
      log: ["error: No solution found when resolving dependencies", "  cause: Because you require six==1.0"],
    });
    await expect(upOf(world)).rejects.toMatchObject({
      code: "REQUIREMENTS_CONFLICT",
      message: expect.stringContaining("Because you require six==1.0"),
    });
    expect([...world.engine.world.containers.keys()]).toEqual(before);
    await expect(world.files.read(".stack/compose.yaml")).resolves.toBe(compose);
  });

  test("leaves it out for an image that the user names, and says so", async () => {
    const world = createStackWorld({ texts: { ...texts, Dockerfile: "FROM python:3.12\n" } });
    world.builder.registry.add("mine:1");
    const { builtImages } = await upOf(world, {}, { image: ["airflow=mine:1"] });
    expect(builtImages).not.toContain("project");
    expect(world.events).toContainEqual(
      expect.objectContaining({ text: expect.stringMatching(/^requirements\.txt, Dockerfile left out/u) }),
    );
  });

  test("refuses to build it when nothing may be built", async () => {
    const world = createStackWorld({ texts });
    await expect(upOf(world, { build: false })).rejects.toMatchObject({ code: "IMAGE_UNAVAILABLE" });
  });
});

describe("a project laid out like Astro's", () => {
  const settings = "airflow:\n  variables:\n    - { variable_name: a, variable_value: b }\n";
  const compose = async (world: StackWorld): Promise<string> =>
    (await world.files.read(".stack/compose.yaml")) ?? "";

  test("has MLflow ask for no login when it brings a connection of its own, and hears of it", async () => {
    const said = expect.objectContaining({ text: expect.stringContaining("MLflow asks for no login") });
    const variable = "AIRFLOW_CONN_MLFLOW_DEFAULT=http://a:b@host.docker.internal:5000";
    const world = createStackWorld({ texts: { ".env": `${variable}\n` } });
    await upOf(world);
    expect(world.events).toContainEqual(said);
    expect(await compose(world)).not.toContain("STACK_MLFLOW_AUTH");
    await world.files.write(".env", "OTHER=x\n");
    await upOf(world);
    expect(await compose(world)).toContain("STACK_MLFLOW_AUTH: basic");
  });

  test("gives its .env to Airflow, whose own defaults yield to it", async () => {
    const world = createStackWorld({ texts: { ".env": "MLFLOW_TRACKING_URI=http://elsewhere\n" } });
    await upOf(world);
    expect(await compose(world)).toMatch(/env_file:\n +- \/home\/user\/project\/\.env\n/u);
    expect(await compose(world)).not.toContain("MLFLOW_TRACKING_URI: ");
    await expect(upOf(world)).resolves.toMatchObject({ changed: false });
    await world.files.write(".env", "MLFLOW_TRACKING_URI=http://other\n");
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
  });

  test("says which of its variables are the stack's to set", async () => {
    const world = createStackWorld({ texts: { ".env": "AIRFLOW__CORE__FERNET_KEY=x\n" } });
    await upOf(world);
    expect(world.events).toContainEqual(
      expect.objectContaining({ text: expect.stringMatching(/^\.env: AIRFLOW__CORE__FERNET_KEY left out/u) }),
    );
  });

  test("has its connections, variables and pools put into Airflow, again after each edit", async () => {
    const world = createStackWorld({ texts: { "airflow_settings.yaml": settings } });
    await upOf(world);
    const airflow = world.clients.airflow as FakeAirflow;
    expect(airflow.objects).toMatchObject({ variables: [{ key: "a", value: "b" }] });
    await world.files.write("airflow_settings.yaml", settings.replace("value: b", "value: c"));
    await upOf(world);
    expect(airflow.objects).toMatchObject({ variables: [{ key: "a", value: "c" }] });
  });

  test("has its override laid over the compose file", async () => {
    const text = "services: { scheduler: { environment: [MINE=1] }, extra: { image: mine } }\n";
    const world = createStackWorld({ texts: { "docker-compose.override.yml": text } });
    world.engine.world.images.set("mine", {});
    await upOf(world);
    expect(await compose(world)).toMatch(/MINE: "1"/u);
    await expect(world.engine.containers((await world.project()).spec.project)).resolves.toContainEqual(
      expect.objectContaining({ service: "extra", state: "running" }),
    );
  });

  test.each([
    [{ ".env": "URL=http://host.docker.internal:5000" }, "172.17.0.1:5000:5000"],
    [{ ".env": "URL=http://mlflow:5000" }, undefined],
  ])("has MLflow where containers reach the host only if it calls it: %j", async (texts, port) => {
    const world = createStackWorld({ texts });
    await upOf(world);
    expect(/172\.17\.0\.1:5000:5000/u.exec(await compose(world))?.[0]).toBe(port);
  });

  test("is refused before anything is touched when a file isn't right", async () => {
    const world = createStackWorld({ texts: { "airflow_settings.yaml": "airflow: [" } });
    await expect(upOf(world)).rejects.toMatchObject({ code: "CONFIG_INVALID", status: 2 });
    expect(Object.keys(world.files.snapshot())).toEqual(["airflow_settings.yaml 644"]);
  });
});
