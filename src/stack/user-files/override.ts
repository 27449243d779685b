import { airflowHome } from "../services/airflow-paths.ts";
import { literal } from "../services/service.ts";
import type { AirflowLayout } from "../layout.ts";
import type { Line } from "../lines.ts";
import { settingsError } from "../settings-error.ts";
import { readYaml } from "../spec-parse.ts";
import { fillIn, isData, mapValues, type Data } from "./compose-data.ts";
import { withPlainLimits } from "./limits.ts";
import { mergeCompose } from "./merge-compose.ts";
import { onBothNetworks, withoutAstroNetwork } from "./networks.ts";

export const overridePath = "docker-compose.override.yml";

export interface Override {
  /** To lay over the stack's compose file. */
  readonly data: Data;
  /** What of it doesn't apply here, and why. */
  readonly notes: readonly string[];
}

/** The services that an Astro project's override may name, as this stack's. */
const astroServices = new Map([
  ["webserver", "airflow-api-server"],
  ["api-server", "airflow-api-server"],
  ["scheduler", "airflow-scheduler"],
  ["triggerer", "airflow-triggerer"],
  ["dag-processor", "airflow-dag-processor"],
  ["db-migration", "airflow-migrate"],
]);
/** Airflow 2 has its API in the webserver, and reads DAG files in the scheduler. */
const classicServices = new Map([
  ["airflow-api-server", "airflow-webserver"],
  ["airflow-dag-processor", "airflow-scheduler"],
]);
const bundledServices = new Set(["postgres", "minio", "mlflow"]);

/** docker-compose.override.yml as it applies to this stack. Throws CONFIG_INVALID. */
export function parseOverride(
  text: string,
  options: {
    readonly projectDir: string;
    readonly layout: AirflowLayout;
    readonly line: Line;
    /** What the project's .env sets, for values such as "${PORT:-8080}". */
    readonly variables: ReadonlyMap<string, string>;
    /** Whether MLflow runs elsewhere, and is no service of the stack's. */
    readonly isMlflowElsewhere: boolean;
  },
): Override {
  const { data, locate } = readYaml(text, overridePath, { merge: true });
  const file = fillIn(data ?? {}, options.variables);
  const wanted = "a mapping with services, volumes and networks";
  if (!isData(file)) throw settingsError([`${locate([], "value")}: allowed: ${wanted}.`]);
  const notes: string[] = [];
  const serviceOf = (name: string): string => {
    const own = astroServices.get(name) ?? name;
    if (options.line === "classic") return classicServices.get(own) ?? own;
    return options.layout === "together" && own.startsWith("airflow-") ? "airflow" : own;
  };

  const isThere = (service: string): boolean => service !== "mlflow" || !options.isMlflowElsewhere;
  const dependencyOf = (name: string): string | undefined => {
    const service = serviceOf(name);
    return isThere(service) ? service : undefined;
  };

  const given = file["services"] ?? {};
  if (!isData(given))
    throw settingsError([`${locate(["services"], "value")}: allowed: a mapping of services.`]);
  let services: Data = {};
  for (const [name, body] of Object.entries(given)) {
    if (!isData(body))
      throw settingsError([`${locate(["services", name], "value")}: allowed: a mapping of settings.`]);
    const target = serviceOf(name);
    if (!isThere(target)) {
      notes.push(`${overridePath}: the service ${name} is left out, since MLflow runs elsewhere`);
      continue;
    }
    const bringsImage = "image" in body || "build" in body;
    if (bundledServices.has(target) && bringsImage) {
      notes.push(`${overridePath}: the service ${name} is left out, since the stack brings its own`);
      continue;
    }
    const { image, build, ...rest } = body;
    if (target.startsWith("airflow") && bringsImage)
      notes.push(
        `${overridePath}: image and build of ${name} are left out; use Dockerfile or images.airflow`,
      );
    const isAirflow = target.startsWith("airflow");
    const kept = isAirflow ? rest : { ...rest, ...present("image", image), ...present("build", build) };
    const adapted = adaptService(kept, options.projectDir, dependencyOf);
    services = mergeCompose(services, {
      [target]: isStacks(target) ? withPlainLimits(adapted) : onBothNetworks(adapted),
    });
  }
  const { version: _, name: __, services: ___, networks, ...others } = file;
  return {
    data: { ...others, ...withoutAstroNetwork(networks), services: rooted(services, options.projectDir) },
    notes,
  };
}

function isStacks(service: string): boolean {
  return service.startsWith("airflow") || bundledServices.has(service);
}

function present(key: string, value: unknown): Data {
  return value === undefined ? {} : { [key]: value };
}

function adaptService(
  body: Data,
  projectDir: string,
  dependencyOf: (name: string) => string | undefined,
): Data {
  return mapValues(body, (value, key) => {
    if (key === "networks") return renamed(value, (name) => (name === "airflow" ? "default" : name));
    if (key === "depends_on") return renamed(value, dependencyOf);
    if (key === "volumes" && Array.isArray(value)) return value.map((mount) => adaptMount(mount, projectDir));
    return value;
  });
}

/** Names in a list or as keys; those that `rename` has none for are left out. */
function renamed(names: unknown, rename: (name: string) => string | undefined): unknown {
  if (Array.isArray(names)) return names.flatMap((name) => rename(String(name)) ?? []);
  if (!isData(names)) return names;
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, value]) => {
      const other = rename(name);
      return other === undefined ? [] : [[other, value]];
    }),
  );
}

function adaptMount(mount: unknown, projectDir: string): unknown {
  if (isData(mount)) {
    const { source, target } = mount;
    return {
      ...mount,
      ...(typeof source === "string" ? { source: absolute(source, projectDir) } : {}),
      ...(typeof target === "string" ? { target: inAirflowHome(target) } : {}),
    };
  }
  const [source = "", target, ...mode] = String(mount).split(":");
  if (target === undefined) return inAirflowHome(source);
  return [absolute(source, projectDir), inAirflowHome(target), ...mode].join(":");
}

function inAirflowHome(path: string): string {
  return path.replace(/^\/usr\/local\/airflow(?=\/|$)/u, airflowHome);
}

/** Files that services are built or configured from; Compose would look for them beside the generated file. */
function rooted(services: Data, projectDir: string): Data {
  return mapValues(services, (body) =>
    isData(body)
      ? mapValues(body, (value, key) => {
          if (key === "env_file" && !isData(value))
            return [value].flat().map((file) => rootedPath(file, "path", projectDir));
          return key === "build" ? rootedPath(value, "context", projectDir) : value;
        })
      : body,
  );
}

function rootedPath(value: unknown, key: string, projectDir: string): unknown {
  const full = (path: unknown): string => absolute(`./${String(path)}`, projectDir);
  if (!isData(value)) return /^\/|:\/\//u.test(String(value)) ? value : full(value);
  const path = value[key];
  return typeof path !== "string" || /^\/|:\/\//u.test(path) ? value : { ...value, [key]: full(path) };
}

/** A relative path from the project folder; names of volumes, absolute paths and "~" stay. */
function absolute(path: string, projectDir: string): string {
  if (!/^\.{1,2}(?:\/|$)/u.test(path)) return path;
  const parts = `${projectDir}/${path}`.split("/");
  const kept: string[] = [];
  for (const part of parts) {
    if (part === "..") kept.pop();
    else if (part !== "." && part !== "") kept.push(part);
  }
  return `/${literal(kept.join("/"))}`;
}
