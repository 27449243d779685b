import { mlflowFrom } from "./mlflow-settings.ts";
import type { Settings } from "./spec-schema.ts";
import { settingsFromEnv, settingsFromFlags, type SettingFlags } from "./setting-sources.ts";
import { lineVersions } from "./lines.ts";
import { mlflowConnection } from "./mlflow-spec.ts";
import { settingsError } from "./settings-error.ts";
import { parseSettings } from "./spec-parse.ts";
import { defaultSpec, hasOurMlflow, portNames, type PortName, type StackSpec } from "./spec.ts";

export interface SpecSources {
  /** The project's name when no setting gives one. */
  readonly defaultProject: string;
  /** Ports that an earlier start had to move to; they stand in for the defaults. */
  readonly movedPorts?: MovedPorts | undefined;
  readonly fileName: string;
  /** The text of stack.yaml; undefined when there is none. */
  readonly fileText: string | undefined;
  /** What the project's .env gives to its containers, if there is one. */
  readonly projectEnv?: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: SettingFlags;
}

export type MovedPorts = { readonly [name in PortName]?: number | undefined };

export interface ResolvedSpec {
  readonly spec: StackSpec;
  /** The ports that a setting names; the others may be moved. */
  readonly chosenPorts: readonly PortName[];
}

/** Flags > environment > stack.yaml > defaults. Throws CONFIG_INVALID. */
export function resolveSpec(sources: SpecSources): ResolvedSpec {
  const layers = [
    sources.fileText === undefined ? {} : parseSettings(sources.fileText, sources.fileName),
    settingsFromEnv(sources.env),
    settingsFromFlags(sources.flags),
  ];
  const merged = layers.reduce(applySettings, defaultSpec(sources.defaultProject));
  const mlflowLayers = layers.map(({ mlflow }) => mlflow);
  const auths = {
    canAsk: hasOurMlflow(merged),
    isExpected:
      sources.projectEnv?.has(mlflowConnection) !== true &&
      merged.env.airflow[mlflowConnection] === undefined,
  };
  const spec = { ...merged, mlflow: mlflowFrom(mlflowLayers, auths) };
  checkPortsDiffer(spec);
  const chosenPorts = portNames.filter((name) => layers.some(({ ports }) => ports?.[name] !== undefined));
  return { spec: movePorts(spec, chosenPorts, sources.movedPorts ?? {}), chosenPorts };
}

/** A moved port that something else of the stack has by now moves back. */
function movePorts(spec: StackSpec, chosenPorts: readonly PortName[], moved: MovedPorts): StackSpec {
  const movable = portNames.filter((name) => !chosenPorts.includes(name));
  const kept = given(Object.fromEntries(movable.map((name) => [name, moved[name]])));
  const ports = { ...spec.ports, ...kept };
  return new Set(Object.values(ports)).size === portNames.length ? { ...spec, ports } : spec;
}

function checkPortsDiffer({ ports }: StackSpec): void {
  const users = Map.groupBy(portNames, (name) => ports[name]);
  const shared = [...users].filter(([, names]) => names.length > 1);
  if (shared.length === 0) return;
  throw settingsError(
    shared.map(([port, names]) => {
      const settings = names.map((name) => `ports.${name}`).join(" and ");
      return `${settings}: found ${port} for each of them; allowed: a different port for each.`;
    }),
  );
}

function applySettings(spec: StackSpec, settings: Settings): StackSpec {
  const { airflow, env } = settings;
  return {
    ...spec,
    project: settings.project ?? spec.project,
    bucket: settings.bucket ?? spec.bucket,
    ports: { ...spec.ports, ...given(settings.ports) },
    ...applyVersions(spec, settings.versions),
    buckets: settings.buckets ?? spec.buckets,
    images: { ...spec.images, ...given(settings.images) },
    memory: { ...spec.memory, ...given(settings.memory) },
    env: {
      airflow: { ...spec.env.airflow, ...env?.airflow },
      mlflow: { ...spec.env.mlflow, ...env?.mlflow },
      postgres: { ...spec.env.postgres, ...env?.postgres },
      minio: { ...spec.env.minio, ...env?.minio },
    },
    airflow: {
      layout: airflow?.layout ?? spec.airflow.layout,
      parallelism: airflow?.parallelism ?? spec.airflow.parallelism,
      loadExamples: airflow?.load_examples ?? spec.airflow.loadExamples,
      providerCompat: airflow?.provider_compat ?? spec.airflow.providerCompat,
    },
  };
}

function applyVersions(
  spec: StackSpec,
  versions: Settings["versions"],
): Pick<StackSpec, "line" | "versions"> {
  if (typeof versions === "string") return { line: versions, versions: lineVersions(versions) };
  return { line: spec.line, versions: { ...spec.versions, ...given(versions) } };
}

/** Without the keys that are there but undefined, which would overwrite a default. */
function given<T>(section: Readonly<Record<string, T | undefined>> | undefined): Readonly<Record<string, T>> {
  const entries = Object.entries(section ?? {});
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
