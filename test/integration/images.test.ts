import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDockerEngine } from "../../src/adapters/docker-engine.ts";
import { createImageBuilder } from "../../src/adapters/image-builder.ts";
import { createSystem } from "../../src/adapters/system.ts";
import { fingerprintLabel, missingImages, planImages, type ImagePlan } from "../../src/stack/images.ts";
import type { ImageBuilder } from "../../src/stack/image-builder.ts";
import { defaultSpec, imageNames, type ImageName } from "../../src/stack/spec.ts";
import { bundled, provideLine, rootImageScript } from "../support/line-images.ts";
import { docker, output, repository, run, type Finished } from "../support/run.ts";

const engine = createDockerEngine(process.env["DOCKER_HOST"]);
const idle = new AbortController().signal;

async function expectSound(plan: ImagePlan, name: ImageName): Promise<void> {
  const tag = plan.references[name];
  const inspected = await docker("image", "inspect", "--format", "{{json .Config}}", tag);
  const config = JSON.parse(inspected) as {
    User: string;
    Entrypoint: string[];
    Env: string[];
    Labels: Record<string, string>;
  };
  expect(config.Entrypoint[0]).toBe("tini");
  expect(config.Labels[fingerprintLabel]).toBe(plan.own.find((image) => image.name === name)?.fingerprint);
  expect(await docker("run", "--rm", "--entrypoint=id", tag, "-u")).not.toBe("0");
  // What the build was told about the caller's network must not stay.
  expect(config.Env.filter((line) => /proxy|index_url|ssl_cert|ca_bundle/iu.test(line))).toEqual([]);
  const secrets = ["-c", "ls -A /run/secrets 2>/dev/null || true"];
  expect(await docker("run", "--rm", "--entrypoint=sh", tag, ...secrets)).toBe("");
}

describe("the images of the classic line", () => {
  let plan: ImagePlan;

  beforeAll(async () => {
    plan = await provideLine("classic");
  });

  test.each(imageNames)(
    "%s runs as a user of its own, under tini, labelled with its recipe",
    async (name) => {
      await expectSound(plan, name);
    },
  );

  test("leave the compiler behind, and bring their bytecode", async () => {
    const tag = plan.references.airflow;
    const inShell = async (script: string): Promise<string> =>
      await docker("run", "--rm", "--entrypoint=sh", tag, "-c", script);
    expect(await inShell("command -v gcc || echo none")).toBe("none");
    expect(Number(await inShell("find /opt/venv -name '*.pyc' | wc -l"))).toBeGreaterThan(1000);
  });

  const operators = `
from mlflow_provider.operators.registry import CreateRegisteredModelOperator, TransitionModelVersionStageOperator
from mlflow_provider.operators.pyfunc import ModelLoadAndPredictOperator
from mlflow_provider.operators.deployment import CreateDeploymentOperator, PredictOperator
from mlflow_provider.hooks.client import MLflowClientHook
print("imported")`;

  test("have all of the provider importable without any help", async () => {
    const tag = plan.references.airflow;
    const said = await docker("run", "--rm", "--entrypoint=python", tag, "-W", "ignore", "-c", operators);
    expect(said).toContain("imported");
    const modules = ["-c", "import importlib.util; print(importlib.util.find_spec('stack_mlflow_compat'))"];
    expect(await docker("run", "--rm", "--entrypoint=python", tag, ...modules)).toBe("None");
  });
});

describe("the images", () => {
  let plan: ImagePlan;

  beforeAll(async () => {
    plan = await provideLine("current");
  });

  const own = (name: string): string => plan.own.find((image) => image.name === name)?.tag ?? "";
  const inImage = async (name: string, ...command: readonly string[]): Promise<string> => {
    const [entrypoint = "", ...args] = command;
    return await docker("run", "--rm", `--entrypoint=${entrypoint}`, own(name), ...args);
  };

  test("are all there once they have been built", async () => {
    expect(await missingImages(plan, engine)).toEqual([]);
  });

  test.each(imageNames)(
    "%s runs as a user of its own, under tini, labelled with its recipe",
    async (name) => {
      await expectSound(plan, name);
    },
  );

  test("minio says the version it was built from", async () => {
    expect(await inImage("minio", "minio", "--version")).toContain("2026-02-12T20-18-48Z");
  });

  test("python images bring their bytecode", async () => {
    for (const name of ["mlflow", "airflow"]) {
      expect(Number(await inImage(name, "sh", "-c", "find /opt/venv -name '*.pyc' | wc -l"))).toBeGreaterThan(
        1000,
      );
    }
  });

  const operators = `
from mlflow_provider.operators.registry import (
    CreateRegisteredModelOperator, GetRegisteredModelOperator, DeleteRegisteredModelOperator,
    CreateModelVersionOperator, GetModelVersionOperator, DeleteModelVersionOperator,
    GetLatestModelVersionsOperator, TransitionModelVersionStageOperator)
from mlflow_provider.operators.deployment import CreateDeploymentOperator, PredictOperator
from mlflow_provider.operators.pyfunc import ModelLoadAndPredictOperator
from mlflow_provider.hooks.base import MLflowBaseHook
from mlflow_provider.hooks.client import MLflowClientHook
from mlflow_provider.hooks.deployment import MLflowDeploymentHook
from mlflow_provider.hooks.pyfunc import MLflowPyfuncHook
print("imported")`;

  test("the provider's operators import on this Airflow, by the compatibility module", async () => {
    expect(await inImage("airflow", "python", "-W", "ignore", "-c", operators)).toContain("imported");
  });

  test("without the module they don't", async () => {
    const off = [
      "run",
      "--rm",
      "--env=STACK_MLFLOW_PROVIDER_COMPAT=off",
      "--entrypoint=python",
      own("airflow"),
      "-c",
      operators,
    ];
    const { status, stderr } = await run("docker", off);
    expect(stderr).toContain("ImportError");
    expect(status).not.toBe(0);
  });

  describe.each(["airflow", "mlflow"])("the Python code of the %s image", (name) => {
    const tag = `stack-test-pytest-${name}:${process.pid}`;
    const recipe = join(repository, "compose", "images", name);
    const inTestImage = async (
      folder: string,
      program: string,
      ...args: readonly string[]
    ): Promise<Finished> => {
      const mounted = [`--volume=${folder}:/mounted:ro`, "--workdir=/mounted"];
      return await run("docker", ["run", "--rm", ...mounted, `--entrypoint=${program}`, tag, ...args]);
    };

    beforeAll(async () => {
      const contextDir = join(repository, "test", "support", "pytest-image");
      const request = { contextDir, tag, labels: {}, buildArgs: { BASE: own(name), AS: name } };
      const builder = createImageBuilder({ rootImageScript, env: process.env });
      await builder.build(request, { signal: idle, onStep: () => undefined });
    });
    afterAll(async () => {
      await docker("image", "rm", tag);
    });

    test("passes its own tests inside it", async () => {
      const { status, stdout, stderr } = await inTestImage(join(recipe, "tests"), "run-pytest");
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/\d+ passed/u);
    });

    test("has types that fit together", async () => {
      const code = (await readdir(recipe)).filter((one) => one.startsWith("stack_") && !one.endsWith(".pth"));
      const { status, stdout, stderr } = await inTestImage(recipe, "run-mypy", ...code);
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/no issues found in \d+ source files/u);
    });
  });
});

describe("a build", () => {
  let dir: string;
  const tag = `stack-test-build:${process.pid}`;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "stack-build-test-"));
  });
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
    await run("docker", ["image", "rm", "--force", tag]);
  });

  const baseTag = async (): Promise<string> =>
    (await planImages(defaultSpec("images"), bundled, createSystem().digest)).own[0]?.from ?? "";
  const build = async (
    dockerfile: string,
    builder: ImageBuilder,
    signal = idle,
    steps: string[] = [],
  ): Promise<void> => {
    await writeFile(join(dir, "Dockerfile"), `ARG BASE\nFROM \${BASE}\n${dockerfile}\n`);
    const request = { contextDir: dir, tag, labels: {}, buildArgs: { BASE: await baseTag() } };
    await builder.build(request, { signal, onStep: (step) => steps.push(step) });
  };
  const builder = createImageBuilder({ rootImageScript, env: process.env });

  test("that fails names the step and its last lines", async () => {
    const failing = build(`RUN echo all is well # ${Date.now()}\nRUN echo "no flour left"; exit 7`, builder);
    await expect(failing).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: expect.stringContaining("RUN echo") as string,
      facts: { log: expect.arrayContaining(["no flour left"]) as string[] },
    });
  });

  test("tells its steps while it works", async () => {
    const steps: string[] = [];
    await build(`RUN echo ${Date.now()}`, builder, idle, steps);
    expect(steps.some((step) => step.includes("RUN echo"))).toBe(true);
  });

  test("sees the caller's certificates and proxies in its steps, and keeps neither", async () => {
    const mark = `mark-${Date.now()}`;
    const caFile = join(dir, "ca.pem");
    await writeFile(caFile, `# ${mark}\n`);
    const env = { ...process.env, SSL_CERT_FILE: caFile, NO_PROXY: mark };
    const steps = `RUN --mount=type=secret,id=ca --mount=type=secret,id=buildenv grep -q mark- /run/secrets/ca && . /run/secrets/buildenv && test -n "$NO_PROXY"`;

    await build(steps, createImageBuilder({ rootImageScript, env }));

    const archive = join(dir, "image.tar");
    await docker("save", "--output", archive, tag);
    expect((await run("grep", ["--quiet", "--text", mark, archive])).status).toBe(1);
    expect(await output("docker", ["history", "--no-trunc", tag])).not.toContain(mark);
  });

  test("ends within two seconds of an interruption", async () => {
    const stop = new AbortController();
    const building = build(`RUN sleep 60 # ${Date.now()}`, builder, stop.signal);
    const ended = building.catch((error: unknown) => error);
    await sleep(2000);
    const startMs = Date.now();
    stop.abort();
    expect(await ended).toMatchObject({ code: "INTERRUPTED" });
    expect(Date.now() - startMs).toBeLessThan(2000);
    expect((await run("pgrep", ["--full", dir])).status).toBe(1);
  });
});
