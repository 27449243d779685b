import { describe, expect, test } from "vitest";
import { addressError, engineError } from "../../../src/adapters/docker-errors.ts";
import { StackError } from "../../../src/lib/errors.ts";

const systemError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe("an engine that can't be reached", () => {
  test.each([
    ["ENOENT", "its socket doesn't exist, so it isn't running or isn't installed"],
    ["ECONNREFUSED", "nothing listens at its address, so it isn't running"],
    ["EACCES", "this user may not open its socket"],
    ["ENOTFOUND", "the name of its host isn't known"],
    ["ETIMEDOUT", "its host doesn't answer"],
    ["ECONNRESET", "it closed the connection"],
  ])("%s: %s", (code, why) => {
    const cause = systemError(code);
    expect(engineError(cause, "unix:///run/other.sock")).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: `The Docker engine at unix:///run/other.sock doesn't answer: ${why}.`,
      facts: { host: "unix:///run/other.sock" },
      cause,
    });
  });

  test("at no address of its own is named by the usual socket", () => {
    expect(engineError(systemError("ENOENT"), undefined)).toMatchObject({
      message: expect.stringContaining("at unix:///var/run/docker.sock "),
      hint: expect.stringContaining("scripts/engine.sh"),
    });
  });

  test("for lack of rights is to be solved by the group", () => {
    expect(engineError(systemError("EACCES"), undefined)).toMatchObject({
      hint: expect.stringContaining("group `docker`"),
    });
  });

  test("that hangs up closed the connection", () => {
    expect(engineError(new Error("socket hang up"), undefined)).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("it closed the connection"),
    });
  });
});

test.each([
  [
    Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
    "certificate",
  ],
  [Object.assign(new Error("no start line"), { code: "ERR_OSSL_PEM_NO_START_LINE" }), "no start line"],
  [Object.assign(new Error("wrong version number"), { code: "EPROTO" }), "doesn't speak TLS"],
  [Object.assign(new Error("All methods failed"), { level: "client-authentication" }), "SSH can't log in"],
])("%s is an engine that can't be reached", (error, words) => {
  expect(engineError(error, "tcp://engine:2376")).toMatchObject({
    code: "ENGINE_UNREACHABLE",
    message: expect.stringContaining(words),
  });
});

test("a refusal keeps the engine's words", () => {
  const refusal = Object.assign(new Error("(HTTP code 409) conflict - volume is in use"), {
    statusCode: 409,
  });
  expect(engineError(refusal, undefined)).toMatchObject({
    code: "COMPOSE_FAILED",
    message: "The Docker engine refused a request: (HTTP code 409) conflict - volume is in use.",
    cause: refusal,
  });
});

test.each([new TypeError("a bug"), "a string", new StackError("INTERRUPTED", "Interrupted.")])(
  "anything else stays what it is: %s",
  (error) => {
    expect(engineError(error, undefined)).toBe(error);
  },
);

test("an address that isn't one is named, with where it comes from", () => {
  expect(addressError("nonsense")).toMatchObject({
    code: "ENGINE_UNREACHABLE",
    message: `The address of the Docker engine isn't one: "nonsense".`,
    hint: expect.stringContaining("DOCKER_HOST"),
  });
});
