import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realClock } from "../../src/adapters/clock.ts";
import { createComposeCli } from "../../src/adapters/compose-cli.ts";
import { createDockerEngine } from "../../src/adapters/docker-engine.ts";
import { findDockerHost } from "../../src/adapters/docker-host.ts";
import { composeFile } from "../../src/stack/compose-file.ts";
import { airflowLayouts } from "../../src/stack/layout.ts";
import { renderCompose } from "../../src/stack/render.ts";
import { completeSecrets, renderSecrets } from "../../src/stack/secrets.ts";
import { defaultSpec } from "../../src/stack/spec.ts";
import { createEngineProject } from "../support/engine-project.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createFakeCompose } from "../support/fake-compose.ts";
import { createFakeEngine } from "../support/fake-engine.ts";
import { createFakeFiles } from "../support/fake-files.ts";
import { createFakeSystem } from "../support/fake-system.ts";
import { docker, output, run } from "../support/run.ts";
import { makeTinyImage } from "../support/tiny-image.ts";
import { describeComposeContract, type ComposeContractWorld } from "./compose-contract.ts";

const { signal } = new AbortController();

async function writeIn(dir: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

async function realCompose(
  env: NodeJS.ProcessEnv = process.env,
): Promise<ComposeContractWorld & { dir: string }> {
  const { tag, dispose } = await makeTinyImage();
  const dir = await mkdtemp(join(tmpdir(), "compose-"));
  const project = createEngineProject();
  return {
    dir,
    compose: createComposeCli({ dir, env, hiddenPrefix: "STACK_SECRET_" }),
    engine: createDockerEngine(await findDockerHost(process.env)),
    clock: realClock,
    project: project.name,
    image: tag,
    write: async (path, text) => await writeIn(dir, path, text),
    clean: project.dispose,
    dispose: async () => {
      await project.dispose();
      await dispose();
      await rm(dir, { recursive: true });
    },
  };
}

async function fakeCompose(): Promise<ComposeContractWorld> {
  const clock = createFakeClock(Date.UTC(2026, 0, 2));
  const engine = createFakeEngine({ clock });
  const files = createFakeFiles();
  const compose = createFakeCompose({ engine, files, clock });
  engine.world.images.set("tiny:1", {});
  compose.programs.set("cat", (_, input) => ({
    exitCode: 0,
    stdout: new TextDecoder().decode(input),
    stderr: "",
  }));
  compose.programs.set("false", () => ({ exitCode: 1, stdout: "", stderr: "" }));
  return {
    compose,
    engine,
    clock,
    project: "mine",
    image: "tiny:1",
    write: async (path, text) => {
      await files.ensureDir(dirname(path));
      await files.write(path, text);
      // What the shell of a real container would do by itself.
      compose.behaviours.clear();
      if (text.includes("exit 3")) compose.behaviours.set("migrate", { exitsAfterMs: 100, exitCode: 3 });
    },
    clean: async () => {
      for (const things of [engine.world.containers, engine.world.networks, engine.world.volumes])
        things.clear();
    },
    dispose: async () => undefined,
  };
}

describeComposeContract("docker compose", realCompose);
describeComposeContract("the fake", fakeCompose);

describe("docker compose on the user's machine", () => {
  let world: Awaited<ReturnType<typeof realCompose>>;
  beforeAll(async () => {
    const evil = { COMPOSE_PROJECT_NAME: "evil", COMPOSE_ENV_FILES: "/dev/null", STACK_SECRET_COLOR: "evil" };
    world = await realCompose({ ...process.env, ...evil });
  });
  afterAll(async () => {
    await world.dispose();
  });

  test("takes project and secrets from the stack's folder, whatever the user's own files and variables say", async () => {
    await world.write(".env", "COMPOSE_PROJECT_NAME=evil\nSTACK_SECRET_COLOR=evil\n");
    await world.write("compose.yaml", "services: { evil: { image: evil } }\n");
    await world.write(".stack/.env", "STACK_SECRET_COLOR=red\n");
    await world.write(
      ".stack/compose.yaml",
      `name: ${world.project}\nservices:\n  one:\n    image: ${world.image}\n    command: [sleep, "600"]\n    environment: { COLOR: "\${STACK_SECRET_COLOR}", PRICE: "5 $$HOME" }\n`,
    );
    await world.compose.up(".stack/compose.yaml", { signal });
    const [container] = await world.engine.containers(world.project);
    expect(container).toMatchObject({ service: "one", state: "running" });
    await expect(world.engine.environment(container?.id ?? "")).resolves.toMatchObject({
      COLOR: "red",
      PRICE: "5 $HOME",
    });
    await expect(
      docker("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=evil"),
    ).resolves.toBe("");
  });

  test.each(airflowLayouts)("accepts the stack's own file, without a warning: %s", async (layout) => {
    const spec = defaultSpec("housing");
    const images = { postgres: "postgres:x", minio: "minio:x", mlflow: "mlflow:x", airflow: "airflow:x" };
    const file = composeFile({
      spec: {
        ...spec,
        airflow: { ...spec.airflow, layout },
        env: { ...spec.env, mlflow: { WORD: "on $HOME ${X}" } },
      },
      images,
      projectDir: "/home/user/$HOME: on",
    });
    await world.write(".stack/.env", renderSecrets(completeSecrets({}, createFakeSystem().randomBytes)));
    await world.write(".stack/compose.yaml", renderCompose(file));
    const path = join(world.dir, ".stack/compose.yaml");
    const { status, stderr } = await run("docker", ["compose", "--file", path, "config", "--quiet"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const config = JSON.parse(
      await output("docker", ["compose", "--file", path, "config", "--format", "json"]),
    );
    expect(config.name).toBe("housing");
    // `config` writes a literal dollar twice, as the file does.
    expect(config.services.mlflow.environment.WORD).toBe("on $$HOME $${X}");
  });
});
