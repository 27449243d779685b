import type { AirflowLayout } from "./layout.ts";
import { lineVersions, type Line } from "./lines.ts";
import type { MlflowSpec } from "./mlflow-spec.ts";

/** The services whose image can be replaced. */
export const imageNames = ["postgres", "minio", "mlflow", "airflow"] as const;
export type ImageName = (typeof imageNames)[number];

/** The ports published on this machine. */
export const portNames = ["airflow", "mlflow", "s3", "console"] as const;
export type PortName = (typeof portNames)[number];
type PerImage<T> = { readonly [name in ImageName]: T };

/** The whole desired stack as data. */
export interface StackSpec {
  /** The Compose project that labels every container, network and volume. */
  readonly project: string;
  /** The address of this machine that ports are published on. */
  readonly host: string;
  readonly ports: { readonly [name in PortName]: number };
  readonly line: Line;
  readonly versions: PerImage<string>;
  /** The bucket that MLflow keeps artifacts in. */
  readonly bucket: string;
  /** More buckets, for the user's own data. */
  readonly buckets: readonly string[];
  /** Images to use instead of ours. */
  readonly images: Partial<PerImage<string>>;
  /** Limits of memory in place of those made from the engine's, each container's own: "512m", "8g". */
  readonly memory: Partial<PerImage<string>>;
  /** Environment variables added to a service's containers. */
  readonly env: PerImage<Readonly<Record<string, string>>>;
  readonly airflow: AirflowOptions;
  /** Which MLflow tasks use: the stack's own, or one elsewhere. */
  readonly mlflow: MlflowSpec;
}

export interface AirflowOptions {
  readonly layout: AirflowLayout;
  /** Tasks that run at once. */
  readonly parallelism: number;
  readonly loadExamples: boolean;
  /** Whether airflow-provider-mlflow's operators are made to work on Airflow 3. */
  readonly providerCompat: boolean;
}

/** The ports that this stack publishes: an MLflow elsewhere has none here. */
export function publishedPortNames({ mlflow }: Pick<StackSpec, "mlflow">): readonly PortName[] {
  return portNames.filter((name) => name !== "mlflow" || mlflow.mode === "local");
}

/** Our image of MLflow 3 serves from one process and keeps its users; any other one has only MLflow's own command. */
export function hasOurMlflow({ line, images }: Pick<StackSpec, "line" | "images">): boolean {
  return line === "current" && images.mlflow === undefined;
}

/** The spec of a project without any setting. */
export function defaultSpec(project: string): StackSpec {
  return {
    project,
    host: "127.0.0.1",
    ports: { airflow: 8080, mlflow: 5000, s3: 9000, console: 9001 },
    line: "current",
    versions: lineVersions("current"),
    bucket: "mlflow",
    buckets: [],
    images: {},
    memory: {},
    env: { airflow: {}, mlflow: {}, postgres: {}, minio: {} },
    // Airflow's own default forks 32 workers at start; four suit a small machine.
    airflow: { layout: "together", parallelism: 4, loadExamples: false, providerCompat: true },
    mlflow: { mode: "local", auth: "basic" },
  };
}
