import { describe, expect, test } from "vitest";
import { StackError } from "../../../src/lib/errors.ts";
import { createOutput, type OutputMode } from "../../../src/output/output.ts";
import type { DownResult } from "../../../src/stack/down.ts";
import { createFakeScreen } from "../../support/fake-screen.ts";

const plain: OutputMode = { json: false, quiet: false, verbose: false, colorOut: false, colorErr: false };
const result: DownResult = {
  project: "housing",
  removed: { containers: 3, networks: 1, volumes: 0 },
  keptVolumes: ["housing_data"],
};
const failure = new StackError("STACK_NOT_RUNNING", "The stack is down.", { hint: "Start it." });

function capture(mode: Partial<OutputMode> = {}) {
  let out = "";
  let err = "";
  const screen = createFakeScreen();
  const output = createOutput(
    { ...plain, ...mode },
    {
      writeOut: (text) => void (out += text),
      writeErr: (text) => void (err += text),
      spinner: undefined,
      nowMs: () => 0,
      repeat: screen.repeat,
      redact: (text) => text.replaceAll("s3cret", "***"),
    },
  );
  return { output, out: () => out, err: () => err };
}

describe.each([true, false])("secrets are masked, with json: %s", (json) => {
  const said = { ...result, project: "s3cret" };

  test("in narration, results, frames and log lines", () => {
    const { output, out, err } = capture({ json });
    output.emit({ kind: "note", level: "warning", text: "mlflow said s3cret" });
    output.result("down", said);
    output.result("down", said, failure);
    output.frame("down", said);
    output.line({ service: "mlflow", stream: "stdout", at: "2026-01-02T00:00:00Z", text: "s3cret" });
    expect(out() + err()).not.toContain("s3cret");
    expect(out().match(/\*\*\*/gu)).toHaveLength(4);
  });

  test("but not where one was asked for", () => {
    const { output, out } = capture({ json });
    output.result("secrets", [{ name: "A", use: "", value: "s3cret" }]);
    expect(out()).toContain("s3cret");
  });
});

test.each([true, false])("no words of others act on the terminal, with json: %s", (json) => {
  const words = "a\u001B]0;x\u0007\u001B[2J\u009B1A\u0085b";
  const { output, out, err } = capture({ json, verbose: true, colorOut: true, colorErr: true });
  output.emit({ kind: "step", id: "a", status: "done", text: words, detail: words });
  output.emit({ kind: "note", level: "warning", text: words });
  output.result("down", { ...result, project: words }, failure);
  output.line({ service: words, stream: "stdout", at: "2026-01-02T00:00:00Z", text: words });
  const facts = { log: [words], command: words };
  output.error(new StackError("INTERNAL", words, { hint: words, facts, cause: new Error(words) }));
  // Our own colours, and what ends a line of a log.
  expect((out() + err()).replaceAll(/\p{Cc}\[\d{1,2}m/gu, "")).not.toMatch(/(?!\n)\p{Cc}/u);
});

test("a log keeps its colours on a terminal, to the end of its line", () => {
  const said = { service: "a", stream: "stdout", at: "", text: "\u001B[31mred" } as const;
  const { output, out } = capture({ colorOut: true });
  output.line(said, []);
  expect(out()).toBe("\u001B[31mred\u001B[0m\n");
  const piped = capture();
  piped.output.line(said, []);
  expect(piped.out()).toBe("red\n");
});

describe("text", () => {
  test("puts the result on stdout and the narration on stderr", () => {
    const { output, out, err } = capture();
    output.emit({ kind: "step", id: "a", status: "done", text: "stopped" });
    output.result("down", result);
    expect(out()).toMatch(/^The stack housing is down: /u);
    expect(err()).toBe("✔ stopped\n");
  });

  test("with a failure prints the result all the same, and the error after it", () => {
    const { output, out, err } = capture();
    output.result("down", result, failure);
    expect(out()).toContain("housing");
    expect(err()).toBe("error STACK_NOT_RUNNING: The stack is down.\nfix Start it.\n");
  });

  test("leaves stdout empty for an error", () => {
    const { output, out, err } = capture();
    output.error(failure);
    expect(out()).toBe("");
    expect(err()).toContain("STACK_NOT_RUNNING");
  });

  test("gives a text as it is, to be piped into a file", () => {
    const { output, out } = capture();
    output.text("name: housing\n");
    expect(out()).toBe("name: housing\n");
  });

  test("shows frames one after the other, and clears the screen only where there is one", () => {
    const pipe = capture();
    pipe.output.frame("down", result);
    expect(pipe.out()).toMatch(/^The stack/u);
    const terminal = capture({ colorOut: true });
    terminal.output.frame("down", result);
    expect(terminal.out().startsWith("\u001B[H\u001B[2J")).toBe(true);
  });
});

describe("--json", () => {
  test("prints exactly one document for a result", () => {
    const { output, out } = capture({ json: true });
    output.emit({ kind: "step", id: "a", status: "done", text: "stopped" });
    output.result("down", result);
    expect(JSON.parse(out())).toEqual(result);
  });

  test("prints exactly one document for a result with a failure", () => {
    const { output, out, err } = capture({ json: true });
    output.result("down", result, failure);
    expect(JSON.parse(out())).toEqual({
      ...result,
      error: {
        code: "STACK_NOT_RUNNING",
        status: failure.status,
        message: "The stack is down.",
        hint: "Start it.",
        facts: {},
      },
    });
    expect(err()).toContain("error STACK_NOT_RUNNING");
  });

  test("prints exactly one document for an error", () => {
    const { output, out } = capture({ json: true });
    output.error(failure);
    expect(JSON.parse(out())).toMatchObject({ error: { code: "STACK_NOT_RUNNING", hint: "Start it." } });
  });

  test("prints exactly one document for a text", () => {
    const { output, out } = capture({ json: true });
    output.text("name: housing\n");
    expect(JSON.parse(out())).toEqual({ text: "name: housing\n" });
  });

  test("prints a line for each frame, and for the error that ends them", () => {
    const { output, out } = capture({ json: true });
    output.frame("down", result);
    output.frame("down", result);
    output.error(failure);
    const lines = out().trimEnd().split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
      ["project", "removed", "keptVolumes"],
      ["project", "removed", "keptVolumes"],
      ["error"],
    ]);
  });

  test("has no colours, whatever the terminal", () => {
    const { output, out } = capture({ json: true, colorOut: true });
    output.result("down", result, failure);
    expect(out()).not.toContain("\u001B");
  });
});

describe("--quiet", () => {
  test("leaves out the narration, and neither results nor errors", () => {
    const { output, out, err } = capture({ quiet: true });
    output.emit({ kind: "step", id: "a", status: "started", text: "stopping" });
    output.emit({ kind: "note", level: "warning", text: "careful" });
    expect(err()).toBe("");
    output.result("down", result, failure);
    expect(out()).toContain("housing");
    expect(err()).toContain("STACK_NOT_RUNNING");
  });
});

describe("colours", () => {
  test("are nowhere when neither stream wants them", () => {
    const { output, out, err } = capture();
    output.emit({ kind: "step", id: "a", status: "failed", text: "stopping", elapsedMs: 1 });
    output.result("down", result, failure);
    expect(out() + err()).not.toContain("\u001B");
  });

  test("are on the stream that wants them alone", () => {
    const { output, out, err } = capture({ colorErr: true });
    output.result("down", result, failure);
    expect(out()).not.toContain("\u001B");
    expect(err()).toContain("\u001B");
  });
});

describe("secrets", () => {
  const leak = new StackError("COMPOSE_FAILED", "password s3cret was refused", {
    hint: "Not s3cret.",
    facts: { log: ["got s3cret"] },
  });

  test.each([true, false])("are masked in an error; as JSON: %s", (json) => {
    const { output, out, err } = capture({ json });
    output.error(leak);
    output.result("down", result, leak);
    expect(out() + err()).not.toContain("s3cret");
  });

  test("are shown by the command that is there to show them", () => {
    const { output, out } = capture();
    output.result("secrets", [{ name: "JWT_SECRET", use: "key", value: "s3cret" }]);
    expect(out()).toBe("s3cret\n");
  });

  test("are shown in a connection that was asked for with them", () => {
    const { output, out } = capture({ json: true });
    output.result("connectionShow", {
      mode: "local",
      connectionId: "mlflow_default",
      fields: { connType: "http", host: "http://mlflow:5000", login: "mlflow", password: "s3cret" },
      environment: "",
      json: "",
      uri: "http://mlflow:s3cret@mlflow:5000",
      command: "",
      client: {},
      isRevealed: true,
    });
    expect(JSON.parse(out())).toMatchObject({ fields: { password: "s3cret" } });
  });
});

test("--verbose tells where an error was thrown", () => {
  const { output, err } = capture({ verbose: true });
  output.error(failure);
  expect(err()).toMatch(/ at .*output\.test\.ts/u);
});
