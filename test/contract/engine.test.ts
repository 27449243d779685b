import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realClock } from "../../src/adapters/clock.ts";
import { createDockerEngine } from "../../src/adapters/docker-engine.ts";
import { findDockerHost } from "../../src/adapters/docker-host.ts";
import { createEngineProject, projectLabel } from "../support/engine-project.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createFakeEngine, type Behaviour } from "../support/fake-engine.ts";
import { docker } from "../support/run.ts";
import { freePorts } from "../support/test-project.ts";
import { makeTinyImage } from "../support/tiny-image.ts";
import { describeEngineContract, type EngineContractWorld, type WantedContainer } from "./engine-contract.ts";

async function realEngine(): Promise<EngineContractWorld> {
  const engine = createDockerEngine(await findDockerHost(process.env));
  const { tag, dispose } = await makeTinyImage();
  const projects = [createEngineProject(), createEngineProject()] as const;
  const [mine, other] = projects;
  const clean = async (): Promise<void> => {
    for (const project of projects) await project.dispose();
  };
  return {
    engine,
    off: createDockerEngine("unix:///no/such/docker.sock"),
    clock: realClock,
    project: mine.name,
    otherProject: other.name,
    image: tag,
    freePort: async () => (await freePorts(1))[0] ?? 0,
    add: async (container, project = mine.name) =>
      await docker(
        container.isStarted === false ? "create" : "run",
        ...(container.isStarted === false ? [] : ["--detach"]),
        ...runOptions(container, project),
        tag,
        "sh",
        "-c",
        scriptOf(container),
      ),
    addNetwork: async () => {
      await docker("network", "create", "--label", `${projectLabel}=${mine.name}`, `${mine.name}_default`);
    },
    addVolume: async () =>
      await docker("volume", "create", "--label", `${projectLabel}=${mine.name}`, `${mine.name}_data`),
    clean,
    dispose: async () => {
      await clean();
      await dispose();
    },
  };
}

function runOptions(container: WantedContainer, project: string): readonly string[] {
  const { service, health, healthOutput = "", port, env = {}, isGreedy } = container;
  const check = health === "healthy" ? "test -e /ready" : `echo '${healthOutput}'; exit 1`;
  return [
    `--label=${projectLabel}=${project}`,
    `--label=com.docker.compose.service=${service}`,
    ...(isGreedy === true ? ["--memory=16m", "--memory-swap=16m"] : []),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    ...(port === undefined ? [] : [`--publish=127.0.0.1:${port}:80`]),
    ...(health === undefined
      ? []
      : [`--health-cmd=${check}`, "--health-interval=200ms", "--health-retries=1"]),
  ];
}

function scriptOf({ log = [], exitCode, file, isGreedy }: WantedContainer): string {
  return [
    ...log.map((line) => `echo '${line}'`),
    ...(file === undefined ? [] : [`printf '%s' '${file.text}' >${file.path}`]),
    ": >/ready",
    ...(isGreedy === true ? ["x=more", "while :; do x=$x$x; done"] : []),
    exitCode === undefined ? "exec sleep 600" : `exit ${exitCode}`,
  ].join("\n");
}

async function fakeEngine(): Promise<EngineContractWorld> {
  const clock = createFakeClock(Date.UTC(2026, 0, 2));
  const engine = createFakeEngine({ clock });
  const off = createFakeEngine({ clock });
  off.world.isOff = true;
  const { world } = engine;
  world.images.set("tiny:1", { "stack.test": "tiny" });
  return {
    engine,
    off,
    clock,
    project: "mine",
    otherProject: "other",
    image: "tiny:1",
    freePort: async () => 18_080,
    add: async ({ service, port, env, file, isStarted, ...container }, project = "mine") => {
      if (env !== undefined) world.environments.set(service, env);
      if (file !== undefined) world.files.set(`${service}:${file.path}`, file.text);
      const ports = port === undefined ? [] : [port];
      const never = isStarted === false ? { startedMs: undefined } : {};
      return world.add({
        service,
        project,
        image: "tiny:1",
        ports,
        behaviour: behaviourOf(container),
        ...never,
      }).id;
    },
    addNetwork: async () => void world.networks.set("mine_default", "mine"),
    addVolume: async () => {
      world.volumes.set("mine_data", "mine");
      return "mine_data";
    },
    clean: async () => {
      for (const things of [world.containers, world.networks, world.volumes]) things.clear();
    },
    dispose: async () => undefined,
  };
}

function behaviourOf({
  health,
  healthOutput,
  exitCode,
  log,
  isGreedy,
}: Omit<WantedContainer, "service">): Behaviour {
  return {
    hasHealthcheck: health !== undefined,
    ...(health === "healthy" ? { healthyAfterMs: 200 } : { unhealthyAfterMs: 200 }),
    ...(healthOutput === undefined ? {} : { healthOutput }),
    ...(isGreedy === true ? { exitsAfterMs: 100, exitCode: 137, oomKilled: true } : {}),
    ...(exitCode === undefined ? {} : { exitsAfterMs: 100, exitCode }),
    ...(log === undefined ? {} : { log }),
  };
}

describeEngineContract("the Docker engine", realEngine);
describeEngineContract("the fake", fakeEngine);

describe("a command in a real container", () => {
  const project = createEngineProject();
  let image: Awaited<ReturnType<typeof makeTinyImage>>;
  let id = "";
  beforeAll(async () => {
    image = await makeTinyImage();
    id = await docker(
      "run",
      "--detach",
      ...runOptions({ service: "mlflow", env: { GIVEN: "before" } }, project.name),
      image.tag,
      "sleep",
      "600",
    );
  });
  afterAll(async () => {
    await project.dispose();
    await image.dispose();
  });

  const exec = async (script: string, env: Readonly<Record<string, string>> = {}) =>
    await createDockerEngine(await findDockerHost(process.env)).exec(id, ["sh", "-c", script], env);

  test("gives its exit code and both its outputs", async () => {
    await expect(exec("echo out; echo größer >&2; exit 3")).resolves.toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "größer\n",
    });
  });

  test("has the container's environment and its own", async () => {
    const { stdout } = await exec('printf "%s" "$GIVEN $ADDED"', { ADDED: "a b=c\n$x" });
    expect(stdout).toBe("before a b=c\n$x");
  });

  test("that isn't there has an exit code of its own", async () => {
    await expect(exec("no-such-program")).resolves.toMatchObject({ exitCode: 127 });
  });

  test("has exit code 128 where nothing runs any more", async () => {
    const engine = createDockerEngine(await findDockerHost(process.env));
    const ended = await docker(
      "create",
      ...runOptions({ service: "ended" }, project.name),
      image.tag,
      "true",
    );
    for (const gone of [ended, "f".repeat(64)]) {
      await expect(engine.exec(gone, ["true"], {})).resolves.toMatchObject({ exitCode: 128, stdout: "" });
    }
  });

  test("that doesn't end is waited for no longer than asked, and has exit code 124", async () => {
    const engine = createDockerEngine(await findDockerHost(process.env));
    await expect(engine.exec(id, ["sleep", "600"], {}, 500)).resolves.toEqual({
      exitCode: 124,
      stdout: "",
      stderr: "the command has not ended after 0.5 s",
    });
  });

  test("gives much output whole", async () => {
    const { stdout } = await exec("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
    expect(stdout.split("\n")).toHaveLength(20_001);
  });
});

describe("an engine that isn't there", () => {
  test("is told by its address: a port that nobody listens on", async () => {
    const [port = 0] = await freePorts(1);
    await expect(createDockerEngine(`tcp://127.0.0.1:${port}`).info()).rejects.toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining(`tcp://127.0.0.1:${port}`),
    });
  });

  test("is told at once when its address isn't one", () => {
    expect(() => createDockerEngine("nonsense")).toThrow(
      expect.objectContaining({ code: "ENGINE_UNREACHABLE" }),
    );
  });
});
