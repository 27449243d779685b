import { describe, expect, test } from "vitest";
import { connectionTest } from "../../../../src/commands/connection-test.ts";
import { StackError } from "../../../../src/lib/errors.ts";
import { createStackWorld, upOf, type StackWorld } from "../../../support/stack-world.ts";

const settings = "project: housing\nmlflow: { mode: remote, url: 'https://mlflow.example', login: alice }\n";

function worldWith(text = settings): StackWorld {
  const world = createStackWorld({ texts: { "stack.yaml": text } });
  world.env["STACK_MLFLOW_PASSWORD"] = "a password";
  return world;
}
function answer(world: StackWorld, status: number, body: string): void {
  world.engine.world.answerExec = () => ({ exitCode: 0, stdout: `${body}\n${status}`, stderr: "" });
}

describe("a test of the connection", () => {
  test("is made from this machine alone while the stack is down", async () => {
    const { test: result, failure } = await connectionTest(worldWith().context());
    expect(failure).toBeUndefined();
    expect(result).toMatchObject({
      url: "https://mlflow.example",
      login: "alice",
      checks: [{ from: "host", outcome: "ok" }],
      isApplied: undefined,
      testButton: { status: 405, meaning: expect.stringContaining("though the connection works") },
    });
  });

  test("is made from Airflow's container too once it has these settings", async () => {
    const world = worldWith();
    await upOf(world);
    const { test: result } = await connectionTest(world.context());
    expect(result.checks.map(({ from, outcome }) => `${from} ${outcome}`)).toEqual(["host ok", "airflow ok"]);
    expect(result.isApplied).toBe(true);
  });

  test("is made from this machine alone when the engine is off", async () => {
    const world = worldWith();
    await upOf(world);
    world.engine.world.isOff = true;
    const { test: result, failure } = await connectionTest(world.context());
    expect(failure).toBeUndefined();
    expect(result.checks.map(({ from }) => from)).toEqual(["host"]);
  });

  test("says when the running stack has other settings", async () => {
    const world = worldWith("project: housing\n");
    await upOf(world);
    world.files.files.set("stack.yaml", { text: settings, mode: 0o644 });
    const { test: result } = await connectionTest(world.context());
    expect(result).toMatchObject({ isApplied: false, checks: [{ from: "host" }] });
  });

  test("fails with the code and hint of what this machine got", async () => {
    const world = worldWith();
    const refused = new StackError("MLFLOW_LOGIN_REFUSED", "Refused.", { hint: "Correct it." });
    world.clients.mlflow.ping = async () => await Promise.reject(refused);
    const { test: result, failure } = await connectionTest(world.context());
    expect(failure).toBe(refused);
    expect(result).toMatchObject({
      checks: [{ outcome: "failed", code: "MLFLOW_LOGIN_REFUSED", fix: "Correct it." }],
      testButton: undefined,
    });
  });

  test.each([
    [401, "no", "MLFLOW_LOGIN_REFUSED"],
    [403, "Invalid Host header", "MLFLOW_HOST_NOT_ALLOWED"],
    [405, "no", "MLFLOW_METHOD_REFUSED"],
    [404, "no", "MLFLOW_URL_WRONG"],
    [500, "no", "MLFLOW_REFUSED"],
  ])("fails with the code of what Airflow's container got: %i %s is %s", async (status, body, code) => {
    const world = worldWith();
    await upOf(world);
    answer(world, status, body);
    const { failure } = await connectionTest(world.context());
    expect(failure).toMatchObject({
      code,
      message: expect.stringContaining("but not Airflow's container"),
      hint: expect.stringMatching(/./u),
    });
  });
});
