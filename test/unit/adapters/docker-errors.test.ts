import { describe, expect, test } from "vitest";
import { addressError, engineError } from "../../../src/adapters/docker-errors.ts";
import { StackError } from "../../../src/lib/errors.ts";

const systemError = (code: string, message = `connect ${code}`) =>
  Object.assign(new Error(message), { code });
const socket = "unix:///run/other.sock";
const remote = "tcp://engine:2376";

describe("an engine that doesn't answer", () => {
  test.each([
    [socket, "ENOENT", "its socket doesn't exist, so it isn't running or isn't installed"],
    [socket, "ECONNREFUSED", "nothing listens at its address, so it isn't running"],
    [socket, "EACCES", "this user may not open its socket"],
    [socket, "ECONNRESET", "it closed the connection"],
    [remote, "ECONNREFUSED", "nothing listens at its address, so it isn't running there"],
    [remote, "ENOTFOUND", "the name of its host isn't known"],
    [remote, "ETIMEDOUT", "its host doesn't answer"],
    [remote, "EHOSTUNREACH", "no way leads to its host"],
    [remote, "ECONNRESET", "it closed the connection"],
    ["ssh://me@engine", "ECONNREFUSED", "nothing listens for SSH there"],
    ["ssh://me@engine", "ENOTFOUND", "the name of its host isn't known"],
  ])("at %s, %s: %s", (host, code, why) => {
    const cause = systemError(code);
    expect(engineError(cause, host)).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: `The Docker engine at ${host} doesn't answer: ${why}.`,
      facts: { host },
      cause,
    });
  });

  test("at no address of its own is named by the usual socket", () => {
    expect(engineError(systemError("ENOENT"), undefined)).toMatchObject({
      message: expect.stringContaining("at unix:///var/run/docker.sock "),
    });
  });

  test.each([socket, remote, "ssh://engine"])("that hangs up at %s closed the connection", (host) => {
    expect(engineError(new Error("socket hang up"), host)).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("doesn't answer: it closed the connection"),
    });
  });
});

describe("an engine that can't be talked to", () => {
  test.each([
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "self-signed certificate",
      "isn't signed by an authority that is trusted here",
    ],
    [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "unable to verify",
      "isn't signed by an authority that is trusted here",
    ],
    ["CERT_HAS_EXPIRED", "certificate has expired", "its certificate isn't valid now"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Host: engine. is not in the cert's altnames", "for another name"],
    [
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "certificate required",
      "it doesn't accept our certificate",
    ],
    ["ERR_OSSL_PEM_NO_START_LINE", "no start line", "our certificates can't be used"],
    ["EPROTO", "wrong version number", "it doesn't speak TLS there"],
  ])("over TLS, %s", (code, said, words) => {
    expect(engineError(systemError(code, said), remote)).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringMatching(
        new RegExp(`^The Docker engine at ${remote} can't be talked to: .*${words}`, "u"),
      ),
      facts: { host: remote, reason: code },
    });
  });

  test("since it was asked without TLS", () => {
    const refusal = Object.assign(
      new Error("(HTTP code 400) unexpected - Client sent an HTTP request to an HTTPS server."),
      { statusCode: 400 },
    );
    expect(engineError(refusal, "tcp://engine:2376")).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("it speaks TLS there, and was asked without"),
      hint: expect.stringContaining("DOCKER_TLS_VERIFY=1"),
    });
  });

  test("since SSH can't log in", () => {
    const error = Object.assign(new Error("All methods failed"), { level: "client-authentication" });
    expect(engineError(error, "ssh://me@engine")).toMatchObject({
      code: "ENGINE_UNREACHABLE",
      message: expect.stringContaining("SSH can't log in to its host, All methods failed"),
      hint: expect.stringContaining("ssh-add"),
    });
  });
});

describe("what to do about it", () => {
  const hintOf = (error: Error, host: string): string => {
    const told = engineError(error, host);
    return told instanceof StackError ? (told.hint ?? "") : "";
  };

  test.each([
    [socket, "ENOENT", "scripts/engine.sh"],
    [socket, "EACCES", "group `docker`"],
    [remote, "ECONNREFUSED", "Start it on its host"],
    [remote, "ENOTFOUND", "DOCKER_HOST"],
    [remote, "ECONNRESET", "accepts our certificate"],
    [remote, "SELF_SIGNED_CERT_IN_CHAIN", "the authority's certificate as ca.pem"],
    [remote, "CERT_HAS_EXPIRED", "Renew"],
    [remote, "ERR_TLS_CERT_ALTNAME_INVALID", "a name that the certificate is for"],
    [remote, "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "that the engine's authority signed"],
    [remote, "ERR_OSSL_X509_KEY_VALUES_MISMATCH", "belong together"],
    [remote, "ERR_SSL_WRONG_VERSION_NUMBER", "2376"],
    ["ssh://me@engine", "ETIMEDOUT", "`ssh ssh://me@engine`"],
    ["ssh://me@engine", "ECONNRESET", "`ssh ssh://me@engine docker info`"],
  ])("at %s, %s: %s", (host, code, words) => {
    expect(hintOf(systemError(code), host)).toContain(words);
  });

  test.each([
    [remote, systemError("SELF_SIGNED_CERT_IN_CHAIN")],
    ["ssh://engine", Object.assign(new Error("All methods failed"), { level: "client-authentication" })],
    ["ssh://engine", systemError("ECONNREFUSED")],
  ])("at %s is not to start what runs, on another machine: %s", (host, error) => {
    expect(hintOf(error, host)).not.toMatch(/start it/iu);
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
