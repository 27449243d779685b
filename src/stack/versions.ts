/** The versions whose locks and recipes ship with the tool; compose/images holds the same figures. */
export const bundledVersions = {
  airflow: ["3.3.2"],
  mlflow: ["3.17.2"],
  postgres: ["17"],
  minio: ["2026-02-12"],
} as const;

/** Floors: `start_interval` in healthchecks needs this engine, its Compose syntax this Compose. */
export const oldestEngine = "25.0.0";
export const oldestCompose = "2.26.0";
/** The newest majors that a release was tested with; nothing is known against newer ones. */
export const newestTestedEngine = 26;
export const newestTestedCompose = 2;
