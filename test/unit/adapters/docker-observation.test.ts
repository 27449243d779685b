import type { ContainerInspectInfo } from "dockerode";
import { describe, expect, test } from "vitest";
import { engineInfoFrom, observationFrom } from "../../../src/adapters/docker-observation.ts";

const state = {
  Status: "running",
  Running: true,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 4242,
  ExitCode: 0,
  Error: "",
  StartedAt: "2026-01-02T03:04:05.678901234Z",
  FinishedAt: "0001-01-01T00:00:00Z",
};

/** What the engine says of a container, as far as it matters here. */
function inspect(
  change: object = {},
  labels: Record<string, string> = { "com.docker.compose.service": "mlflow" },
) {
  return {
    Id: "abc",
    Name: "/housing-mlflow-1",
    RestartCount: 2,
    Created: "2026-01-02T03:04:05.1234Z",
    State: { ...state, ...change },
    Config: { Image: "stack-mlflow:1", Labels: labels },
  } as unknown as ContainerInspectInfo;
}

const check = (ExitCode: number, Output = "") => ({ Start: "", End: "", ExitCode, Output });

test("a container is told by service, state and start", () => {
  expect(observationFrom(inspect())).toEqual({
    id: "abc",
    name: "housing-mlflow-1",
    service: "mlflow",
    state: "running",
    health: "none",
    exitCode: 0,
    oomKilled: false,
    restartCount: 2,
    createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 123),
    startedAt: "2026-01-02T03:04:05.678901234Z",
    startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    image: "stack-mlflow:1",
    healthOutput: "",
  });
});

test("a container that has never started has no start", () => {
  const created = inspect({ Status: "created", StartedAt: "0001-01-01T00:00:00Z" });
  expect(observationFrom(created)).toMatchObject({
    state: "created",
    startedAt: undefined,
    startedAtMs: undefined,
  });
});

test("a container without Compose's labels belongs to no service", () => {
  expect(observationFrom(inspect({}, {})).service).toBe("");
});

test("an end is told with its exit code, and whether memory was the cause", () => {
  expect(observationFrom(inspect({ Status: "exited", ExitCode: 137, OOMKilled: true }))).toMatchObject({
    state: "exited",
    exitCode: 137,
    oomKilled: true,
  });
});

describe("health", () => {
  test.each([
    ["starting", 0, [], "starting"],
    ["healthy", 0, [check(0)], "healthy"],
    ["unhealthy", 3, [check(1)], "unhealthy"],
    // Docker calls what it has just thawed unhealthy.
    ["unhealthy", 0, [check(0)], "healthy"],
    ["unhealthy", 0, [check(1)], "starting"],
    ["unhealthy", 0, [], "starting"],
    ["none", 0, [], "none"],
  ])("%s after %i failures is judged by the last check", (Status, FailingStreak, Log, expected) => {
    expect(observationFrom(inspect({ Health: { Status, FailingStreak, Log } })).health).toBe(expected);
  });

  test("of a thawed container is from before, which is told", () => {
    const thawed = { Status: "unhealthy", FailingStreak: 0, Log: [check(0)] };
    expect(observationFrom(inspect({ Health: thawed }))).toMatchObject({
      health: "healthy",
      isUnchecked: true,
    });
    const failed = { Status: "unhealthy", FailingStreak: 3, Log: [check(1)] };
    expect(observationFrom(inspect({ Health: failed }))).not.toHaveProperty("isUnchecked");
  });

  test("carries the last check's words", () => {
    const Health = {
      Status: "unhealthy",
      FailingStreak: 2,
      Log: [check(1, "old\n"), check(1, " curl: (7)\n")],
    };
    expect(observationFrom(inspect({ Health })).healthOutput).toBe("curl: (7)");
  });
});

describe("the engine's description of itself", () => {
  const info = {
    ServerVersion: "26.1.5+dfsg1",
    MemTotal: 1024,
    DockerRootDir: "/var/lib/docker",
    Name: "here",
    NCPU: 2,
  };

  test("is read", () => {
    const more = {
      OperatingSystem: "Debian GNU/Linux 13 (trixie)",
      Driver: "overlay2",
      SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless"],
      SystemTime: "2026-01-02T00:00:00.5Z",
    };
    expect(engineInfoFrom({ ...info, ...more, More: "words" })).toEqual({
      version: "26.1.5+dfsg1",
      memoryBytes: 1024,
      rootDir: "/var/lib/docker",
      hostName: "here",
      cpus: 2,
      system: "Debian GNU/Linux 13 (trixie)",
      storageDriver: "overlay2",
      security: ["seccomp", "rootless"],
      nowMs: Date.UTC(2026, 0, 2) + 500,
    });
  });

  test("is read without what an engine may leave out", () => {
    expect(engineInfoFrom({ ...info, SecurityOptions: null })).toMatchObject({
      security: [],
      nowMs: Number.NaN,
    });
  });

  test.each([undefined, "", {}, { ...info, MemTotal: "a lot" }])(
    "in another form is no engine: %j",
    (answer) => {
      expect(() => engineInfoFrom(answer)).toThrow(expect.objectContaining({ code: "ENGINE_UNREACHABLE" }));
    },
  );
});
