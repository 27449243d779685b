import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { passwordVariable } from "../../src/stack/mlflow-spec.ts";
import { settingVariables } from "../../src/stack/variable-names.ts";
import { recordEachAttack } from "../support/fault-log.ts";
import { run } from "../support/run.ts";
import { settingPlaces, type SettingPlace } from "../support/setting-places.ts";
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

/** A user's name and the paths of files may be any text that is one line. */
const freeKeys = ["login", "password_file", "ca_file"];
const isFree = ({ path: [section, key = ""] }: SettingPlace): boolean =>
  section === "mlflow" && freeKeys.includes(key);
const isFreeVariable = (name: string): boolean =>
  freeKeys.some((key) => name === `STACK_MLFLOW_${key.toUpperCase()}`);
const isOneLine = (value: string): boolean => !/\p{Cc}/u.test(value);
const nameOf = ({ path }: SettingPlace): string => path.join(".");

/**
 * A file has no more of them than one error tells of, and than make a file of allowed size. A key is either a text or a
 * section, so those are in files of their own.
 */
const most = 15;
function groupsOf(places: readonly SettingPlace[]): readonly (readonly SettingPlace[])[] {
  const byDepth = Map.groupBy(places, ({ path }) => path.length);
  return [...byDepth.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / most) }, (_, at) =>
      group.slice(at * most, (at + 1) * most),
    ),
  );
}

/** A file with the value in each of these places. */
function fileOf(places: readonly SettingPlace[], value: string): string {
  const file: Record<string, unknown> = {};
  const sections: Record<string, Record<string, unknown>> = {};
  for (const { path, holds } of places) {
    const [first = "", key] = path;
    const held = holds === "list" ? [value] : holds === "mapping" ? { [value]: "a" } : value;
    if (key === undefined) file[first] = held;
    else sections[first] = { ...sections[first], [key]: held };
  }
  return JSON.stringify({ ...file, ...sections });
}

/** Where the error says that the value is. */
const placeInFile = (place: SettingPlace): string =>
  `: ${nameOf(place)}${{ list: ".0", mapping: ".", text: "" }[place.holds]}`;

async function expectFilesRefused(places: readonly SettingPlace[], value: string): Promise<void> {
  await Promise.all(
    groupsOf(places).map(async (group) => {
      const outcome = await refused(["up"], { settings: fileOf(group, value) });
      for (const place of group) expectRefusal(outcome, "CONFIG_INVALID", placeInFile(place));
      expect(outcome.error.facts["problems"]).toHaveLength(group.length);
      expect(outcome.stdout.length).toBeLessThan(20_000);
    }),
  );
}

// A password is looked at when it is needed: see below.
const variables = settingVariables.filter((name) => name !== passwordVariable);

/** Has `up` go to an MLflow elsewhere, where nothing listens. */
const elsewhere = { mode: "remote", url: "http://host.docker.internal:1", login: "me" };
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
  ["CONFIG_NOT_FOUND", "folder", (value) => ["init", `--from=${value}`]],
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
    await expectFilesRefused(
      settingPlaces.filter((place) => !isFree(place) || !isOneLine(value)),
      value,
    );
  });

  test("is refused in every variable, with its name", async () => {
    const env = Object.fromEntries(variables.map((name) => [name, value]));
    const outcome = await refused(["up"], { env });
    const wrong = variables.filter((name) => !isFreeVariable(name) || !isOneLine(value));
    for (const name of wrong) expectRefusal(outcome, "CONFIG_INVALID", `${name}: found`);
    expect(outcome.error.facts["problems"]).toHaveLength(wrong.length);
  });

  test("is the name of no file that an MLflow elsewhere needs", async () => {
    const [code, place] = isOneLine(value)
      ? ["CONFIG_NOT_FOUND", `there is no file ${value}`]
      : ["CONFIG_INVALID", "found"];
    const outcomes = await Promise.all(
      (
        [
          ["password_file", {}],
          ["ca_file", { [passwordVariable]: "x" }],
        ] as const
      ).flatMap(([key, env]) => [
        refused(["up"], { settings: JSON.stringify({ mlflow: { ...elsewhere, [key]: value } }), env }),
        refused(["up"], {
          settings: JSON.stringify({ mlflow: elsewhere }),
          env: { ...env, [`STACK_MLFLOW_${key.toUpperCase()}`]: value },
        }),
      ]),
    );
    for (const outcome of outcomes) expectRefusal(outcome, code, place);
  });

  test("is only a text as a user and a password, and refused as one that no request can carry", async () => {
    const expected = isOneLine(value)
      ? { status: 1, error: { code: "MLFLOW_UNREACHABLE" }, left: [] }
      : { status: 2, error: { code: "CONFIG_INVALID" }, left: [] };
    const outcomes = await Promise.all([
      refused(["up"], {
        settings: JSON.stringify({ mlflow: elsewhere }),
        env: { [passwordVariable]: value },
      }),
      refused(["up"], {
        settings: JSON.stringify({ mlflow: { ...elsewhere, login: value } }),
        env: { [passwordVariable]: "x" },
      }),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject(expected);
      expect(outcome.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
    }
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
  // As the name of a variable it is a good one.
  await expectFilesRefused(
    settingPlaces.filter((place) => !isFree(place) && place.holds !== "mapping"),
    huge,
  );
  const outcomes = await Promise.all([
    refused(["up"], { env: Object.fromEntries(variables.map((name) => [name, huge])) }),
    refused(["up", ...settingFlags(huge)]),
    refused(["seed", huge]),
    refused(["up"], { settings: JSON.stringify({ mlflow: { ...elsewhere, password_file: huge } }) }),
    refused(["up"], {
      settings: JSON.stringify({ mlflow: { ...elsewhere, ca_file: huge } }),
      env: { [passwordVariable]: "x" },
    }),
  ]);
  const [inVariables, inFlags, inName, ...inFiles] = outcomes;
  for (const name of variables.filter((one) => !isFreeVariable(one)))
    expectRefusal(inVariables, "CONFIG_INVALID", `${name}: found`);
  for (const flag of ["--project", "--bucket"]) expectRefusal(inFlags, "CONFIG_INVALID", `${flag}: found`);
  expectRefusal(inName, "USAGE", "argument 'dag'");
  for (const inFile of inFiles) expectRefusal(inFile, "CONFIG_NOT_FOUND", "there is no file");
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
