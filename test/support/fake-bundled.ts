import { createHash } from "node:crypto";
import type { BundledFiles } from "../../src/stack/bundled-files.ts";

export interface FakeBundled extends BundledFiles {
  /** What each image is made of; a change here is a changed recipe. */
  readonly recipes: Map<string, string>;
  readonly dags: Map<string, string>;
  readonly programs: Map<string, string>;
}

/** The files that ship with the tool, in memory. */
export function createFakeBundled(): FakeBundled {
  const recipes = new Map(
    ["base", "postgres", "minio", "mlflow", "airflow", "airflow-classic", "mlflow-classic", "check"].map(
      (name) => [name, `recipe of ${name}`],
    ),
  );
  const dags = new Map<string, string>();
  const programs = new Map(
    ["settle_roles.sh", "settle_store.sh", "settle_fernet.py"].map((name) => [name, `text of ${name}`]),
  );
  return {
    recipes,
    dags,
    programs,
    imageDir: (image) => `/opt/stack/compose/images/${image}`,
    imageDigest: async (image) => createHash("sha256").update(textOf(recipes, image)).digest("hex"),
    dagFiles: async () => [...dags.keys()].toSorted(),
    dagFile: async (name) => textOf(dags, name),
    seedProgram: async (name) => textOf(programs, name),
  };
}

function textOf(files: ReadonlyMap<string, string>, name: string): string {
  const text = files.get(name);
  if (text === undefined) throw new Error(`ENOENT: no such file: ${name}`);
  return text;
}
