import type { ImageName } from "./spec.ts";
import { bundledVersions } from "./versions.ts";

/** Versions that were made for each other: `versions: classic` in stack.yaml chooses the old ones. */
export const lines = ["current", "classic"] as const;
export type Line = (typeof lines)[number];

type DebianRelease = "12" | "13";

interface LineImage {
  readonly version: string;
  /** Folder in compose/images. */
  readonly recipe: string;
  readonly debian: DebianRelease;
}

interface LineFacts {
  readonly images: { readonly [name in ImageName]: LineImage };
  /** What somebody who runs it should know; undefined while its parts are maintained. */
  readonly endOfLife: string | undefined;
}

// MinIO's source needs a Go compiler that Debian 12 doesn't have.
const minio: LineImage = { version: bundledVersions.minio[0], recipe: "minio", debian: "13" };

export const lineFacts: Readonly<Record<Line, LineFacts>> = {
  current: {
    images: {
      airflow: { version: bundledVersions.airflow[0], recipe: "airflow", debian: "13" },
      mlflow: { version: bundledVersions.mlflow[0], recipe: "mlflow", debian: "13" },
      postgres: { version: bundledVersions.postgres[0], recipe: "postgres", debian: "13" },
      minio,
    },
    endOfLife: undefined,
  },
  classic: {
    images: {
      airflow: { version: "2.7.3", recipe: "airflow-classic", debian: "12" },
      mlflow: { version: "2.22.4", recipe: "mlflow-classic", debian: "12" },
      postgres: { version: "15", recipe: "postgres", debian: "12" },
      minio,
    },
    endOfLife:
      "The classic line (Airflow 2.7.3, MLflow 2.22.4) has reached its end of life and gets no security fixes: it is there to follow old material, and for those who must stay.",
  },
};

/** The version of each image in a line. */
export function lineVersions(line: Line): { readonly [name in ImageName]: string } {
  const { airflow, mlflow, postgres, minio: store } = lineFacts[line].images;
  return {
    airflow: airflow.version,
    mlflow: mlflow.version,
    postgres: postgres.version,
    minio: store.version,
  };
}
