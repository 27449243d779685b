import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StackError } from "../lib/errors.ts";
import type { BuildRequest, ImageBuilder } from "../stack/ports.ts";
import { createBuildProgress } from "./image-progress.ts";
import { lastLines, runProcess } from "./process.ts";

export interface BuildSecrets {
  /** The host's bundle of certificate authorities. */
  readonly caFile: string | undefined;
  /** Lines that a build step's shell reads: proxies and package indexes. */
  readonly envFile: string;
}

/** Argument list of one build; a pure function. */
export function buildArgs(request: BuildRequest, secrets: BuildSecrets): readonly string[] {
  const pairs = (flag: string, values: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(values).map(([name, value]) => `--${flag}=${name}=${value}`);
  return [
    "buildx",
    "build",
    // The engine's own builder: another one could not see the local base image.
    "--builder=default",
    "--progress=rawjson",
    "--load",
    `--tag=${request.tag}`,
    ...pairs("label", request.labels),
    ...pairs("build-arg", request.buildArgs),
    ...(secrets.caFile === undefined ? [] : [`--secret=id=ca,src=${secrets.caFile}`]),
    `--secret=id=buildenv,src=${secrets.envFile}`,
    ...(request.dockerfile === undefined ? [] : [`--file=${request.dockerfile}`]),
    request.contextDir,
  ];
}

export interface ImageBuilderOptions {
  /** The script that makes the Debian root image. */
  readonly rootImageScript: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Builds through `docker buildx` on the engine's own builder. */
export function createImageBuilder({ rootImageScript, env }: ImageBuilderOptions): ImageBuilder {
  return {
    build: async (request, { signal, onStep }) => {
      const dir = await mkdtemp(join(tmpdir(), "stack-build-"));
      try {
        const envFile = join(dir, "buildenv");
        await writeFile(envFile, buildEnv(env), { mode: 0o600 });
        const progress = createBuildProgress();
        const result = await runProcess({
          command: "docker",
          args: buildArgs(request, { caFile: await findCaFile(env), envFile }),
          env,
          signal,
          onLine: (line) => {
            const step = progress.read(line);
            if (step !== undefined) onStep(step);
          },
        });
        if (result.exitCode !== 0) throw buildError(progress.failure(), lastLines(result.stderr, 20));
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
    pull: async (reference, { signal, onStep }) => {
      const result = await runProcess({
        command: "docker",
        args: ["pull", reference],
        env,
        signal,
        onLine: onStep,
      });
      if (result.exitCode !== 0) {
        const log = lastLines(result.stderr, 5);
        throw new StackError(
          "IMAGE_UNAVAILABLE",
          `The image ${reference} can't be had: ${log.at(-1) ?? "no reason given"}.`,
          {
            hint: "Correct its name under `images` in stack.yaml, or leave it out to use the stack's own image.",
            facts: { image: reference, log },
          },
        );
      }
    },
    makeRootImage: async (tag, { signal, onStep }) => {
      const result = await runProcess({ command: rootImageScript, args: [tag], env, signal, onLine: onStep });
      if (result.exitCode !== 0) {
        const log = lastLines(result.stderr, 20);
        throw new StackError(
          "BUILD_FAILED",
          `no Debian image to build on: ${log.at(-1) ?? "no reason given"}.`,
          {
            hint: `See the whole output: ${rootImageScript} ${tag}`,
            facts: { step: "Debian root image", log },
          },
        );
      }
    },
  };
}

function buildError(
  failure: { readonly step: string; readonly log: readonly string[] } | undefined,
  output: readonly string[],
): StackError {
  const log = failure?.log ?? output.filter((line) => !line.startsWith("{"));
  const step = failure?.step ?? "docker buildx build";
  return new StackError("BUILD_FAILED", `the step "${step}" failed.`, {
    hint: "Correct the cause shown above and run `stack up` again; finished steps are kept.",
    facts: { step, log },
  });
}

const passedOn =
  /^(?:https?_proxy|no_proxy|all_proxy|GOPROXY|GONOSUMDB|GOSUMDB|GONOPROXY|PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|UV_INDEX_URL|UV_DEFAULT_INDEX|UV_INDEX)$/iu;

/** The caller's proxies and package indexes as lines for a shell. */
function buildEnv(env: NodeJS.ProcessEnv): string {
  return Object.entries(env)
    .flatMap(([name, value]) =>
      value !== undefined && passedOn.test(name)
        ? [`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`]
        : [],
    )
    .join("");
}

const caFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** The bundle of certificate authorities that programs of this machine go by; undefined when none is found. */
export async function findCaFile(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const file of [env["SSL_CERT_FILE"], env["NODE_EXTRA_CA_CERTS"], ...caFiles]) {
    if (file === undefined || file === "") continue;
    try {
      await access(file);
      return file;
    } catch {
      // Not on this system; the next one may be.
    }
  }
  return undefined;
}
