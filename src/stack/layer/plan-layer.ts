import { settingsError } from "../settings-error.ts";
import type { ProjectFiles } from "../ports.ts";
import { runtimeOf, type RuntimeBase } from "./astro-runtime.ts";
import { imageOfFrom, parseDockerfile, sourcesOf, type Instruction } from "./dockerfile.ts";
import { renderRecipe } from "./recipe.ts";

/** The image layer of a project's own packages and instructions. */
export interface ProjectLayer {
  readonly dockerfile: string;
  /** What must not reach the build. */
  readonly dockerignore: string;
  /** Digest of all that the layer is made of, besides what it stands on. */
  readonly contents: string;
  /** What the project's Dockerfile starts from. */
  readonly base: RuntimeBase | undefined;
  /** Paths that the Dockerfile copies from the project. */
  readonly sources: readonly string[];
  /** Instructions that are left out, "CMD (line 7)". */
  readonly leftOut: readonly string[];
}

const dockerfilePath = "Dockerfile";
const requirementsPath = "requirements.txt";
const packagesPath = "packages.txt";
/** What a layer is made from. */
export const layerFiles = [requirementsPath, packagesPath, dockerfilePath] as const;

/** How a container starts is the stack's to say. */
const startInstructions = new Set(["CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD", "STOPSIGNAL"]);

/**
 * The layer that a project's requirements.txt, packages.txt and Dockerfile make; undefined when they ask for
 * nothing. Throws CONFIG_INVALID for a Dockerfile that stands on another image than Airflow's.
 */
export async function planLayer(
  files: ProjectFiles,
  digest: (text: string) => string,
): Promise<ProjectLayer | undefined> {
  const [requirements, packages, dockerfile, ignore] = await Promise.all(
    [requirementsPath, packagesPath, dockerfilePath, ".dockerignore"].map(
      async (path) => await files.read(path),
    ),
  );
  const hasRequirements = asksForSomething(requirements);
  const hasPackages = asksForSomething(packages);
  if (dockerfile === undefined && !hasRequirements && !hasPackages) return undefined;

  const parsed = dockerfile === undefined ? noDockerfile : readDockerfile(dockerfile);
  const own = parsed.own.filter(({ keyword }) => !startInstructions.has(keyword));
  const text = renderRecipe({ hasPackages, hasRequirements, earlier: parsed.earlier, own });
  const sources = [...new Set([...parsed.earlier, ...own].flatMap(sourcesOf))].toSorted();
  const copied = sources.length === 0 ? "" : await files.digest(sources);
  return {
    dockerfile: text,
    // The stack's secrets are in its folder; the last rules win over the user's own.
    dockerignore: `${ignore ?? ""}\n.stack\n!${requirementsPath}\n!${packagesPath}\n`,
    contents: digest(
      JSON.stringify([
        text,
        hasRequirements ? requirements : "",
        hasPackages ? packages : "",
        ignore ?? "",
        copied,
      ]),
    ),
    base: parsed.base,
    sources,
    leftOut: parsed.own
      .filter((one) => !own.includes(one))
      .map(({ keyword, line }) => `${keyword} (line ${line})`),
  };
}

function asksForSomething(text: string | undefined): boolean {
  return (text ?? "").split("\n").some((line) => line.replace(/#.*/u, "").trim() !== "");
}

interface ParsedDockerfile {
  readonly earlier: readonly Instruction[];
  readonly own: readonly Instruction[];
  readonly base: RuntimeBase | undefined;
}

const noDockerfile: ParsedDockerfile = { earlier: [], own: [], base: undefined };

function readDockerfile(text: string): ParsedDockerfile {
  const instructions = parseDockerfile(text);
  const at = instructions.findLastIndex(({ keyword }) => keyword === "FROM");
  const from = instructions[at];
  if (from === undefined) throw settingsError([`${dockerfilePath}: found no FROM; ${allowed}.`]);
  const first = instructions.findIndex(({ keyword }) => keyword === "FROM");
  const globalArgs = new Map(
    instructions.slice(0, first).flatMap(({ keyword, text: arg }) => {
      const [, name = "", value = ""] = /^\s*\w+\s+(\w+)(?:=["']?([^"'\s]*))?/u.exec(arg) ?? [];
      return keyword === "ARG" ? [[name, value] as const] : [];
    }),
  );
  const image = imageOfFrom(from, globalArgs);
  const base = runtimeOf(image);
  if (base === undefined)
    throw settingsError([`${dockerfilePath}:${from.line}: found FROM ${image}; ${allowed}.`]);
  return { earlier: instructions.slice(0, at), own: instructions.slice(at + 1), base };
}

const allowed =
  "allowed: an Astro Runtime image (astrocrpublic.azurecr.io/runtime:3.1-1, quay.io/astronomer/astro-runtime:9.1.0) or apache/airflow; for any other, set images.airflow in stack.yaml";
