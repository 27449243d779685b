import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { interrupted, StackError, toStackError } from "../../../src/lib/errors.ts";

describe("StackError", () => {
  test("takes its exit status from its code", () => {
    expect(new StackError("PORT_TAKEN", "Port 8080 is taken.").status).toBe(1);
    expect(new StackError("USAGE", "No such command.").status).toBe(2);
    expect(new StackError("DISK_LOW", "1 GB is free.").status).toBe(3);
  });

  test("may have a status of its own, as each signal has", () => {
    expect(new StackError("INTERRUPTED", "Interrupted.").status).toBe(130);
    expect(new StackError("INTERRUPTED", "Interrupted.", { status: 143 }).status).toBe(143);
  });

  test("quotes no book that somebody gave as a word", () => {
    const quoting = (length: number) =>
      new StackError("USAGE", `No DAG '${"x".repeat(length)}' here.`).message;
    expect(quoting(1000)).toBe(`No DAG '${"x".repeat(1000)}' here.`);
    expect(quoting(50_000)).toBe(`No DAG '${"x".repeat(59)}... (50002 characters) here.`);
  });

  test("carries the hint, the facts and the cause", () => {
    const cause = new Error("EADDRINUSE");
    const error = new StackError("PORT_TAKEN", "Port 8080 is taken.", {
      hint: "Choose another with --airflow-port.",
      facts: { port: 8080 },
      cause,
    });
    expect(error).toMatchObject({
      hint: "Choose another with --airflow-port.",
      facts: { port: 8080 },
      cause,
    });
  });

  test("has no cause when none was given", () => {
    expect("cause" in new StackError("USAGE", "No such command.")).toBe(false);
  });
});

describe("toStackError", () => {
  test("leaves a StackError as it is", () => {
    const error = new StackError("USAGE", "No such command.");
    expect(toStackError(error)).toBe(error);
  });

  test("calls an abort an interruption", () => {
    const { reason } = AbortSignal.abort();
    expect(toStackError(reason)).toMatchObject({ code: "INTERRUPTED", status: 130, cause: reason });
  });

  test("takes an abort for what its signal was given as the reason", async () => {
    const reason = new StackError("INTERRUPTED", "Interrupted.", { status: 143 });
    const aborted = await sleep(1000, undefined, { signal: AbortSignal.abort(reason) }).catch(
      (error: unknown) => error,
    );
    expect(aborted).toMatchObject({ name: "AbortError" });
    expect(toStackError(aborted)).toBe(reason);
  });

  test.each([
    [new TypeError("x is undefined"), "x is undefined"],
    ["a string", "a string"],
    [undefined, "undefined"],
  ])("calls anything else a bug and keeps it as the cause: %s", (thrown, message) => {
    const error = toStackError(thrown);
    expect(error).toMatchObject({ code: "INTERNAL", status: 70, message });
    expect(error.cause).toBe(thrown);
  });
});

test("an abort reason that is a StackError says more than INTERRUPTED", () => {
  const reason = new StackError("SERVICE_UNHEALTHY", "mlflow exited.");
  expect(interrupted(reason)).toBe(reason);
  expect(interrupted("ctrl-c").code).toBe("INTERRUPTED");
});
