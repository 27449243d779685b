import type { UserFiles } from "../user-files/read-user-files.ts";

/** A file or folder of a project, and what the stack does with it. */
export interface ProjectPart {
  /** Folders end in a slash. */
  readonly path: string;
  readonly meaning: string;
}

/** What of a project the stack reads, in the order of telling. */
const known: Readonly<Record<string, string>> = {
  "stack.yaml": "settings of the stack",
  "dags/": "DAGs",
  "include/": "code that DAGs import as `include`",
  "plugins/": "Airflow plugins",
  "requirements.txt": "Python packages, a layer on the Airflow image",
  "packages.txt": "Debian packages, in the same layer",
  Dockerfile: "instructions on top of that layer",
  ".dockerignore": "what the Dockerfile does not see",
  ".env": "variables of Airflow's containers",
  "airflow_settings.yaml": "connections, variables and pools",
  "docker-compose.override.yml": "changes to the compose file",
};

const ignoredFor: Readonly<Record<string, string>> = {
  ".astro/": "settings of the Astro CLI",
  "tests/": "tests are yours to run; they are not mounted",
  "airflow.cfg": "settings come from variables: AIRFLOW__SECTION__KEY in .env",
  "docker-compose.override.yaml": "only docker-compose.override.yml is read",
  "docker-compose.yml": "the stack makes its own compose file",
  "docker-compose.yaml": "the stack makes its own compose file",
  "compose.yaml": "the stack makes its own compose file",
};
const passedOver = new Set([".git/", ".gitignore", ".stack/", "README.md", ".DS_Store"]);

export interface Understanding {
  readonly understood: readonly ProjectPart[];
  readonly ignored: readonly ProjectPart[];
}

/** What of a project's entries the stack reads and what it leaves alone; `read` gives a file's text. */
export async function understandProject(
  entries: readonly string[],
  user: UserFiles,
  read: (path: string) => Promise<string | undefined>,
): Promise<Understanding> {
  const copied = user.layer?.sources ?? [];
  const isCopied = (path: string): boolean =>
    copied.some((source) => source === "." || source.split("/")[0] === path.replace(/\/$/u, ""));
  const paths = Object.keys(known).filter((path) => entries.includes(path));
  const understood = await Promise.all(
    paths.map(async (path) => ({ path, meaning: await describe(path, user, read) })),
  );
  const others = entries.filter((path) => !(path in known) && !passedOver.has(path));
  return {
    understood: [
      ...understood,
      ...others.filter(isCopied).map((path) => ({ path, meaning: "copied into the image by Dockerfile" })),
    ],
    ignored: others
      .filter((path) => !isCopied(path))
      .map((path) => ({ path, meaning: ignoredFor[path] ?? "not a part of a project that the stack reads" })),
  };
}

async function describe(
  path: string,
  { layer, objects, envNames }: UserFiles,
  read: (path: string) => Promise<string | undefined>,
): Promise<string> {
  const meaning = known[path] ?? "";
  switch (path) {
    case "requirements.txt":
    case "packages.txt": {
      const entries = entryCount((await read(path)) ?? "");
      return `${entries} ${entries === 1 ? "entry" : "entries"}: ${meaning}`;
    }
    case "Dockerfile":
      return layer?.base === undefined ? meaning : `${layer.base.name}: ${meaning}`;
    case ".env":
      return `${count(envNames?.length ?? 0, "variable")} of Airflow's containers`;
    case "airflow_settings.yaml": {
      const { connections, variables, pools } = objects;
      return [
        count(connections.length, "connection"),
        count(variables.length, "variable"),
        count(pools.length, "pool"),
      ].join(", ");
    }
    default:
      return meaning;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function entryCount(text: string): number {
  return text.split("\n").filter((line) => line.replace(/#.*/u, "").trim() !== "").length;
}
