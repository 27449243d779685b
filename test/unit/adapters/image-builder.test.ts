import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { buildArgs, createImageBuilder } from "../../../src/adapters/image-builder.ts";
import { stubProgram, type StubProgram } from "../../support/stub-program.ts";

const request = {
  contextDir: "/recipe",
  tag: "stack-x:1",
  labels: { "io.example.fingerprint": "abc" },
  buildArgs: { BASE: "stack-base:13" },
};

let program: StubProgram | undefined;
const steps: string[] = [];
const options = { signal: new AbortController().signal, onStep: (step: string) => void steps.push(step) };

async function builderWith(script: string, env: Readonly<Record<string, string>> = {}, name = "docker") {
  program = await stubProgram(name, script);
  return createImageBuilder({
    rootImageScript: `${program.path.split(":")[0]}/base-image.sh`,
    env: { PATH: program.path, ...env },
  });
}

afterEach(async () => {
  steps.length = 0;
  await program?.dispose();
  program = undefined;
});

/** Temporary folders of builds that are at work. */
async function leftovers(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith("stack-build-"));
}

describe("the argument list", () => {
  test("names the engine's own builder, the tag, labels, build arguments and the folder", () => {
    expect(buildArgs(request, { caFile: undefined, envFile: "/tmp/env" })).toEqual([
      "buildx",
      "build",
      "--builder=default",
      "--progress=rawjson",
      "--load",
      "--tag=stack-x:1",
      "--label=io.example.fingerprint=abc",
      "--build-arg=BASE=stack-base:13",
      "--secret=id=buildenv,src=/tmp/env",
      "/recipe",
    ]);
  });

  test("names a Dockerfile beside the context", () => {
    const args = buildArgs(
      { ...request, dockerfile: "/p/.stack/build/Dockerfile" },
      { caFile: undefined, envFile: "/e" },
    );
    expect(args.slice(-2)).toEqual(["--file=/p/.stack/build/Dockerfile", "/recipe"]);
  });

  test("hands certificates over as a secret", () => {
    const args = buildArgs(request, { caFile: "/etc/ca.pem", envFile: "/tmp/env" });
    expect(args).toContain("--secret=id=ca,src=/etc/ca.pem");
  });
});

describe("a build", () => {
  test("is given proxies and package indexes for a shell, and nothing else of the environment", async () => {
    // Reads the secret as a build step would, and tells of it as a step's name.
    const copy = `
for arg; do case $arg in --secret=id=buildenv,src=*) . "\${arg#*src=}" ;; esac; done
printf '{"vertexes":[{"digest":"a","name":"[1/1] %s","started":"now"}]}\\n' "$HTTPS_PROXY $PIP_INDEX_URL"`;
    const builder = await builderWith(copy, {
      HTTPS_PROXY: "http://it's:3128",
      PIP_INDEX_URL: "https://index.example/simple",
      AWS_SECRET_ACCESS_KEY: "mine",
    });
    await builder.build(request, options);
    expect(steps).toEqual(["1/1 http://it's:3128 https://index.example/simple"]);
  });

  test("leaves no file behind, also when it fails", async () => {
    const before = await leftovers();
    const builder = await builderWith("exit 1");
    await expect(builder.build(request, options)).rejects.toMatchObject({ code: "BUILD_FAILED" });
    expect(await leftovers()).toEqual(before);
  });

  test("that fails names the step, with what it printed last", async () => {
    const log = Buffer.from("No matching distribution\n").toString("base64");
    const step = '{"digest":"a","name":"[2/3] RUN pip install","started":"now"';
    const builder = await builderWith(`
echo '{"vertexes":[${step}}]}' >&2
echo '{"logs":[{"vertex":"a","data":"${log}"}]}' >&2
echo '{"vertexes":[${step},"error":"exit code: 1"}]}' >&2
exit 1`);
    await expect(builder.build(request, options)).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: 'the step "2/3 RUN pip install" failed.',
      hint: expect.stringContaining("finished steps are kept"),
      facts: { step: "2/3 RUN pip install", log: ["No matching distribution"] },
    });
    expect(steps).toEqual(["2/3 RUN pip install"]);
  });

  test("that fails before any step keeps the words of the command", async () => {
    const builder = await builderWith("echo 'ERROR: no such builder' >&2; exit 1");
    await expect(builder.build(request, options)).rejects.toMatchObject({
      facts: { step: "docker buildx build", log: ["ERROR: no such builder"] },
    });
  });

  test("ends on Ctrl-C", async () => {
    const builder = await builderWith("exec sleep 30");
    const interrupted = { ...options, signal: AbortSignal.timeout(50) };
    await expect(builder.build(request, interrupted)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("a pull", () => {
  test("asks for the image and tells its progress", async () => {
    const builder = await builderWith("echo 'Pulling from library/x'");
    await builder.pull("x:1", options);
    expect(steps).toEqual(["Pulling from library/x"]);
    expect((await program?.lastCall())?.args).toEqual(["pull", "x:1"]);
  });

  test("of an image that isn't to be had keeps the registry's words", async () => {
    const builder = await builderWith("echo 'Error: manifest for x:1 not found' >&2; exit 1");
    await expect(builder.pull("x:1", options)).rejects.toMatchObject({
      code: "IMAGE_UNAVAILABLE",
      message: "The image x:1 can't be had: Error: manifest for x:1 not found.",
      hint: expect.stringContaining("`images` in stack.yaml"),
    });
  });
});

describe("the Debian image", () => {
  test("is made by the script, line by line", async () => {
    const builder = await builderWith("echo 'base image: pulling' >&2", {}, "base-image.sh");
    await builder.makeRootImage("stack-debian:13", options);
    expect(steps).toEqual(["base image: pulling"]);
    expect((await program?.lastCall())?.args).toEqual(["stack-debian:13"]);
  });

  test("that can't be made gives the script's last words and how to see all of them", async () => {
    const builder = await builderWith("echo 'no registry' >&2; exit 3", {}, "base-image.sh");
    await expect(builder.makeRootImage("stack-debian:13", options)).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: "no Debian image to build on: no registry.",
      hint: expect.stringMatching(/base-image\.sh stack-debian:13$/u),
    });
  });
});
