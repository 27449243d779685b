import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEachAttack } from "../support/fault-log.ts";
import { run } from "../support/run.ts";
import { cli, type Failure } from "../support/test-project.ts";

/* Values that a shell, a path or a terminal would read in its own way. Nothing here needs an engine. */

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "stack-hostile-"));
});
afterAll(async () => {
  await rm(home, { recursive: true });
});

recordEachAttack("refused with its place; nothing was run or written");

const values = [
  ["a command to a shell", "$(touch ran)`touch ran`; touch ran & touch ran | touch ran\ntouch ran"],
  ["a way out of the folder", "../../../ran"],
  ["an option", "--privileged"],
  ["control characters", "a\u001B]0;title\u0007\u001B[2Jb\u009B31m\rc"],
] as const;

interface Outcome {
  readonly status: number;
  readonly error: Failure["error"];
  readonly stdout: string;
  readonly stderr: string;
  /** What the command left in the folder that it was run in, and above it. */
  readonly left: readonly string[];
}

/** One command in a project of its own, with a folder above it that paths could lead to. */
async function refused(
  [verb = "", ...args]: readonly string[],
  { env = {}, settings = "" }: { readonly env?: NodeJS.ProcessEnv; readonly settings?: string } = {},
): Promise<Outcome> {
  const above = await mkdtemp(join(home, "case-"));
  const dir = join(above, "a", "b", "c");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "stack.yaml"), settings);
  const { status, stdout, stderr } = await run(process.execPath, [cli, verb, "--json", ...args], {
    cwd: dir,
    env: { ...process.env, DOCKER_HOST: "unix:///no/such/docker.sock", ...env },
  });
  const found = await readdir(above, { recursive: true });
  const left = found.filter((path) => !["a", "a/b", "a/b/c", "a/b/c/stack.yaml"].includes(path));
  // The one document; what isn't one fails here.
  const { error } = JSON.parse(stdout) as Failure;
  return { status, error, stdout, stderr, left };
}

function expectRefusal(outcome: Outcome, code: string, place: string): void {
  expect(outcome).toMatchObject({ status: 2, error: { code, status: 2 }, left: [] });
  expect(outcome.error.message).toContain(place);
  expect(outcome.error.hint).not.toBe("");
  expect(outcome.stderr).not.toMatch(/^\s+at .*:\d+:\d+/mu);
  expect(outcome.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
}

/** Every kind of text in stack.yaml, all in one file: each problem is told. */
const fileOf = (value: string): Readonly<Record<string, unknown>> => ({
  project: value,
  bucket: value,
  buckets: [value],
  ports: { airflow: value },
  versions: value,
  images: { postgres: value },
  memory: { minio: value },
  env: { airflow: { [value]: "a" } },
  airflow: { layout: value, parallelism: value, load_examples: value, provider_compat: value },
  mlflow: { url: value, mode: value, auth: value, experiment_folder: value },
});
const placesInFile = [
  "project",
  "bucket",
  "buckets.0",
  "ports.airflow",
  "versions",
  "images.postgres",
  "memory.minio",
  "env.airflow.",
  "airflow.layout",
  "airflow.parallelism",
  "airflow.load_examples",
  "airflow.provider_compat",
  "mlflow.url",
  "mlflow.mode",
  "mlflow.auth",
  "mlflow.experiment_folder",
];
const variables = [
  "STACK_PROJECT",
  "STACK_BUCKET",
  "STACK_PORT_S3",
  "STACK_IMAGE_AIRFLOW",
  "STACK_MLFLOW_URL",
  "STACK_MLFLOW_MODE",
  "STACK_MLFLOW_AUTH",
  "STACK_MLFLOW_EXPERIMENT_FOLDER",
];
const settingFlags = (value: string): readonly string[] => [
  `--project=${value}`,
  `--bucket=${value}`,
  `--port=s3=${value}`,
  `--image=mlflow=${value}`,
];
const otherFlags: readonly (readonly [string, string, (value: string) => readonly string[]])[] = [
  ["USAGE", "--timeout", (value) => ["prove", `--timeout=${value}`]],
  ["USAGE", "--since", (value) => ["logs", `--since=${value}`]],
  ["USAGE", "--tail", (value) => ["logs", `--tail=${value}`]],
  ["USAGE", "--try", (value) => ["logs", `--try=${value}`]],
  ["USAGE", "no secret named", (value) => ["secrets", "--", value]],
  ["USAGE", "command", (value) => [`x${value}`]],
  ["CONFIG_NOT_FOUND", "folder", (value) => ["up", `--project-dir=${value}`]],
];

/** Airflow allows a DAG to be called as an option is. */
const notForAirflow = values.filter(([kind]) => kind !== "an option");
const airflowNames: readonly (readonly [string, (value: string) => readonly string[]])[] = [
  ["argument 'dag'", (value) => ["seed", value]],
  ["--task", (value) => ["logs", "--task", value, "train"]],
  ["--task", (value) => ["logs", "--task", "housing", value]],
  ["--run", (value) => ["logs", "--task", "housing", "train", "--run", value]],
];
/** What any text may be; whether it names something can't be known without an engine. */
const anyText = (value: string): readonly (readonly string[])[] => [
  ["logs", "--", value],
  ["seed", `--dataset=${value}`],
  ["seed", "--", "--privileged"],
];

describe.each(values)("%s", (_, value) => {
  test("is refused in every key of stack.yaml, with its place", async () => {
    const outcome = await refused(["up"], { settings: JSON.stringify(fileOf(value)) });
    for (const place of placesInFile) expectRefusal(outcome, "CONFIG_INVALID", `: ${place}`);
    expect(outcome.error.facts["problems"]).toHaveLength(placesInFile.length);
  });

  test("is refused in every variable, with its name", async () => {
    const env = Object.fromEntries(variables.map((name) => [name, value]));
    const outcome = await refused(["up"], { env });
    for (const name of variables) expectRefusal(outcome, "CONFIG_INVALID", `${name}: found`);
  });

  test("is refused in every flag, with its name", async () => {
    const outcome = await refused(["up", ...settingFlags(value)]);
    for (const flag of ["--project", "--bucket", "--port s3", "--image mlflow"])
      expectRefusal(outcome, "CONFIG_INVALID", `${flag}: found`);
    const outcomes = await Promise.all(
      otherFlags.map(async ([code, place, args]) => ({ code, place, outcome: await refused(args(value)) })),
    );
    for (const { code, place, outcome: other } of outcomes) expectRefusal(other, code, place);
  });

  test("is only a text where any text may be given", async () => {
    const outcomes = await Promise.all(anyText(value).map(async (args) => await refused(args)));
    for (const outcome of outcomes) {
      expect(outcome.error).toMatchObject({ code: "ENGINE_UNREACHABLE", status: 3 });
      expect(outcome.left.filter((path) => !path.startsWith("a/b/c/.stack"))).toEqual([]);
    }
  });

  test("names the file that a report is written to, and nothing else", async () => {
    const { error, left } = await refused(["report", `--output=${value}`]);
    expect(error).toBeUndefined();
    expect(left).toEqual([join("a", "b", "c", value)]);
  });
});

test("a value of fifty thousand letters is refused with its place, and not repeated", async () => {
  const huge = "x".repeat(50_000);
  const outcomes = await Promise.all([
    refused(["up"], { settings: JSON.stringify(fileOf(huge)) }),
    refused(["up"], { env: Object.fromEntries(variables.map((name) => [name, huge])) }),
    refused(["up", ...settingFlags(huge)]),
    refused(["seed", huge]),
  ]);
  const [inFile, inVariables, inFlags, inName] = outcomes;
  // As the name of a variable it is a good one.
  for (const place of placesInFile.filter((one) => one !== "env.airflow."))
    expectRefusal(inFile, "CONFIG_INVALID", `: ${place}`);
  for (const name of variables) expectRefusal(inVariables, "CONFIG_INVALID", `${name}: found`);
  for (const flag of ["--project", "--bucket"]) expectRefusal(inFlags, "CONFIG_INVALID", `${flag}: found`);
  expectRefusal(inName, "USAGE", "argument 'dag'");
  for (const { stdout } of outcomes) expect(stdout.length).toBeLessThan(20_000);
});

test.each([...notForAirflow, ["the folder above", ".."], ["no name", ""]] as const)(
  "%s is refused as the name of a DAG, a task and a run",
  async (_, value) => {
    const outcomes = await Promise.all(
      airflowNames.map(async ([place, args]) => ({ place, outcome: await refused(args(value)) })),
    );
    for (const { place, outcome } of outcomes) expectRefusal(outcome, "USAGE", place);
  },
);

test.each(["project: a\0b", 'env: { airflow: { A: "a\\0b" } }', "\0"])(
  "a NUL in stack.yaml is refused with its place: %j",
  async (settings) => {
    expectRefusal(await refused(["up"], { settings }), "CONFIG_INVALID", "stack.yaml:1:");
  },
);
