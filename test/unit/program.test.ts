import { describe, expect, test } from "vitest";
import { createOutput } from "../../src/output/output.ts";
import { runProgram } from "../../src/program.ts";
import { createStackWorld, type StackWorld } from "../support/stack-world.ts";

const verbs = [
  "up",
  "down",
  "pause",
  "resume",
  "seed",
  "prove",
  "status",
  "timings",
  "secrets",
  "doctor",
  "logs",
  "report",
  "init",
];

/** Runs a command line on a world; what it printed, and its status. */
async function run(argv: readonly string[], world: StackWorld = createStackWorld()) {
  let out = "";
  let err = "";
  const opened: object[] = [];
  const writeOut = (text: string): void => void (out += text);
  const status = await runProgram(argv, {
    version: "1.2.3",
    writeOut,
    openSession: async (options, flags) => {
      opened.push(options);
      const output = createOutput(
        {
          json: options.json === true,
          quiet: options.quiet === true,
          verbose: options.verbose === true,
          colorOut: false,
          colorErr: false,
        },
        {
          writeOut,
          writeErr: (text) => void (err += text),
          spinner: undefined,
          nowMs: world.clock.nowMs,
          repeat: () => () => undefined,
          redact: (text) => text,
        },
      );
      return { context: { ...world.context(flags), emit: output.emit }, output };
    },
  });
  return { status, out, err, opened };
}

describe("help", () => {
  test("lists every command", async () => {
    const { status, out, err } = await run(["--help"]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    await expect(out).toMatchFileSnapshot("snapshots/help.txt");
  });

  test.each(verbs)("of %s is this text", async (verb) => {
    const { status, out, err } = await run([verb, "--help"]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    await expect(out).toMatchFileSnapshot(`snapshots/help-${verb}.txt`);
  });

  test.each([
    ["connection"],
    ["connection", "test"],
    ["connection", "show"],
    ["secrets", "show"],
    ["secrets", "rotate"],
  ])("of %s %s is this text", async (...words) => {
    const { status, out } = await run([...words, "--help"]);
    expect(status).toBe(0);
    await expect(out).toMatchFileSnapshot(`snapshots/help-${words.join("-")}.txt`);
  });

  test.each([[[]], [["-h"]], [["help"]]])("is what %j gives", async (argv) => {
    const { status, out } = await run(argv);
    expect({ status, out }).toEqual({ status: 0, out: (await run(["--help"])).out });
  });

  test("of a command in a group is this text", async () => {
    const { status, out } = await run(["dags", "check", "--help"]);
    expect(status).toBe(0);
    await expect(out).toMatchFileSnapshot("snapshots/help-dags-check.txt");
  });

  test.each(verbs)("of %s is given by the command `help` too", async (verb) => {
    await expect(run(["help", verb])).resolves.toMatchObject({
      status: 0,
      out: (await run([verb, "--help"])).out,
    });
  });

  test("opens nothing", async () => {
    const { opened } = await run(["up", "--help"]);
    expect(opened).toEqual([]);
  });
});

test("the version is printed", async () => {
  await expect(run(["--version"])).resolves.toMatchObject({ status: 0, out: "1.2.3\n" });
});

describe("a command line that stack doesn't know", () => {
  test.each([
    [["statsu"], "Unknown command 'statsu' (Did you mean status?)."],
    [["help", "nonsense"], "There is no such command."],
    [["--nope"], "Unknown option '--nope'."],
    [["up", "--nope"], "Unknown option '--nope'."],
    [["up", "--time", "3"], "Unknown option '--time' (Did you mean --timeout?)."],
    [["up", "extra"], "Too many arguments for 'up'. Expected 0 arguments but got 1: extra."],
    [["secrets", "A", "B"], "Too many arguments for 'secrets'. Expected 1 argument but got 2: A, B."],
    [["seed", "--all", "train"], "--all is about every DAG, so none can be named: train."],
    [["seed", "--list", "train"], "--list is about every DAG, so none can be named: train."],
    [["seed", "--list", "--all"], "Option '--list' cannot be used with option '--all'."],
    [["seed", "--list", "--dataset", "f"], "Option '--list' cannot be used with option '--dataset <file>'."],
    [["up", "--timeout"], "Option '--timeout <seconds>' argument missing."],
    [["up", "--project", "a", "--project=b"], "--project was given as 'a' and as 'b'. Give it once."],
    [["up", "--bucket=one", "--bucket=one"], "--bucket was given as 'one' and as 'one'. Give it once."],
    [["prove", "--timeout=1", "--timeout=2"], "--timeout was given as '1' and as '2'. Give it once."],
    [["logs", "--tail=1", "--tail=all"], "--tail was given as '1' and as 'all'. Give it once."],
    [
      ["secrets", "--project-dir=a", "show", "--project-dir=b"],
      "--project-dir was given as 'a' and as 'b'. Give it once.",
    ],
    ...["0", "-1", "x", "1e3", "Infinity", "86401", "5s", " 5", ""].map((value): [string[], string] => [
      ["up", `--timeout=${value}`],
      `Option '--timeout <seconds>' argument '${value}' is invalid. Give a number of seconds, at most 86400.`,
    ]),
  ])("%j is refused with status 2, and nothing is touched", async (argv, message) => {
    const world = createStackWorld();
    const { status, out, err } = await run(argv, world);
    expect({ status, out, err }).toEqual({
      status: 2,
      out: "",
      err: `error USAGE: ${message}\nfix See \`stack --help\`, or \`stack <command> --help\`.\n`,
    });
    expect(world.files.snapshot()).toEqual({});
  });

  test("is refused as a document with --json", async () => {
    const { status, out } = await run(["up", "--nope", "--json"]);
    expect({ status, document: JSON.parse(out) }).toMatchObject({
      status: 2,
      document: { error: { code: "USAGE", status: 2, message: "Unknown option '--nope'." } },
    });
  });
});

describe("the status", () => {
  test("is 0 for a command that did its work", async () => {
    const world = createStackWorld();
    await expect(run(["up"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["status"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["timings"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["pause"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["resume"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["secrets"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["secrets", "show"], world)).resolves.toMatchObject({ status: 0 });
    await expect(run(["down", "--volumes", "--yes"], world)).resolves.toMatchObject({ status: 0 });
  });

  test("is 2 for a bad setting, wherever it comes from", async () => {
    const file = createStackWorld({ texts: { "stack.yaml": "projct: a\n" } });
    await expect(run(["up"], file)).resolves.toMatchObject({
      status: 2,
      err: expect.stringContaining("stack.yaml:1:1"),
    });
    const env = createStackWorld();
    env.env["STACK_PORT_S3"] = "x";
    await expect(run(["up"], env)).resolves.toMatchObject({
      status: 2,
      err: expect.stringContaining("STACK_PORT_S3"),
    });
    await expect(run(["up", "--port", "s3=x"])).resolves.toMatchObject({
      status: 2,
      err: expect.stringContaining("--port s3"),
    });
  });

  test("is 3 when the machine isn't ready", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    await expect(run(["up"], world)).resolves.toMatchObject({ status: 3 });
    await expect(run(["status"], world)).resolves.toMatchObject({ status: 3 });
    await expect(run(["down"], world)).resolves.toMatchObject({ status: 3 });
  });

  test("of a report with a failure is the failure's, and the report is printed", async () => {
    const { status, out, err } = await run(["status", "--json"]);
    expect(status).not.toBe(0);
    expect(JSON.parse(out)).toMatchObject({ state: "down", error: { code: "STACK_NOT_RUNNING", status } });
    expect(err).toContain("STACK_NOT_RUNNING");
  });

  test("of a bug is 70", async () => {
    const world = createStackWorld();
    const context = world.context.bind(world);
    const broken = {
      ...world,
      context: (flags = {}) => ({
        ...context(flags),
        engine: () => Promise.reject(new TypeError("x is undefined")),
      }),
    };
    await expect(run(["pause"], broken)).resolves.toMatchObject({
      status: 70,
      err: expect.stringMatching(/^error INTERNAL: x is undefined\n +at /u),
    });
  });

  test("of Ctrl-C is 130", async () => {
    const world = createStackWorld();
    world.interrupt();
    await expect(run(["up"], world)).resolves.toMatchObject({ status: 130, out: "" });
  });
});

describe("flags", () => {
  test("reach the stack", async () => {
    const world = createStackWorld();
    const argv = [
      "up",
      "--project=mine",
      "--bucket",
      "own-bucket",
      "--port",
      "s3=19000",
      "--port=airflow=18080",
    ];
    const { status, out } = await run([...argv, "--json"], world);
    expect({ status, document: JSON.parse(out) }).toMatchObject({
      status: 0,
      document: {
        project: "mine",
        endpoints: { s3: "http://localhost:19000", airflow: "http://localhost:18080" },
      },
    });
  });

  test("--dry-run prints the compose file and starts nothing", async () => {
    const world = createStackWorld();
    const { status, out } = await run(["up", "--dry-run", "--project", "mine"], world);
    expect(status).toBe(0);
    expect(out).toMatch(/^# Generated.*\nname: mine\n/u);
    expect(world.engine.world.containers.size).toBe(0);
  });

  test("--dry-run --json prints one document", async () => {
    const { out } = await run(["up", "--dry-run", "--json"]);
    expect(JSON.parse(out)).toEqual({ text: expect.stringContaining("services:") });
  });

  test("--no-build refuses to build", async () => {
    await expect(run(["up", "--no-build"])).resolves.toMatchObject({
      status: 1,
      err: expect.stringContaining("IMAGE_UNAVAILABLE"),
    });
  });

  test("--timeout bounds the wait", async () => {
    const world = createStackWorld();
    world.compose.behaviours.set("mlflow", { hasHealthcheck: true, healthyAfterMs: 1e9 });
    await expect(run(["up", "--timeout", "2.5"], world)).resolves.toMatchObject({
      status: 4,
      err: expect.stringContaining("Gave up after 2.5 s"),
    });
  });

  test("--quiet leaves stderr empty when all goes well", async () => {
    await expect(run(["up", "--quiet"])).resolves.toMatchObject({ status: 0, err: "" });
  });

  test.each(verbs)("%s knows those that all commands share", async (verb) => {
    const shared = ["--project-dir", "/p", "--json", "--quiet", "--verbose", "--no-color"];
    const { opened } = await run([verb, ...shared]);
    expect(opened[0]).toMatchObject({
      projectDir: "/p",
      json: true,
      quiet: true,
      verbose: true,
      color: false,
    });
  });
});

test("an option after a command in the group of another is its own", async () => {
  const { out, opened } = await run(["secrets", "show", "JWT_SECRET", "--project-dir", "/p", "--json"]);
  expect(opened[0]).toMatchObject({ projectDir: "/p", json: true });
  expect(JSON.parse(out)).toMatchObject({ error: { code: "STACK_NOT_RUNNING" } });
});

test.each([
  ["up"],
  ["down"],
  ["status"],
  ["timings"],
  ["secrets"],
  ["pause"],
  ["resume"],
  ["doctor"],
  ["report"],
  ["init"],
])("%s --json prints exactly one document, whatever comes of it", async (verb) => {
  const { out } = await run([verb, "--json"]);
  expect(() => JSON.parse(out)).not.toThrow();
  const off = createStackWorld();
  off.engine.world.isOff = true;
  const failed = await run([verb, "--json"], off);
  expect(() => JSON.parse(failed.out)).not.toThrow();
});
