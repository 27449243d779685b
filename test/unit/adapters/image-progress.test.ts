import { describe, expect, test } from "vitest";
import { createBuildProgress } from "../../../src/adapters/image-progress.ts";

const at = (second: number) => `2026-01-02T03:04:0${second}.0Z`;

interface Vertex {
  readonly digest: string;
  readonly name?: string;
  readonly started?: string;
  readonly completed?: string;
  readonly error?: string;
}

/** One report of BuildKit's, as newer releases print it. */
const vertexes = (...list: Vertex[]): string => JSON.stringify({ vertexes: list });
const log = (vertex: string, text: string): string =>
  JSON.stringify({
    logs: [{ vertex, stream: 2, data: Buffer.from(text).toString("base64"), timestamp: at(1) }],
  });

const install = { digest: "sha256:b", name: "[build 3/9] RUN --mount=type=cache,target=/root pip install" };

describe("the step at work", () => {
  test("is told once, when it changes", () => {
    const progress = createBuildProgress();
    expect(
      progress.read(vertexes({ digest: "sha256:a", name: "[internal] load .dockerignore", started: at(0) })),
    ).toBeUndefined();
    expect(progress.read(vertexes(install))).toBeUndefined();
    expect(progress.read(vertexes({ ...install, started: at(1) }))).toBe("build 3/9 RUN pip install");
    expect(progress.read(vertexes({ ...install, started: at(1) }))).toBeUndefined();
    expect(progress.read(log("sha256:b", "Collecting mlflow"))).toBeUndefined();
    expect(progress.read(vertexes({ ...install, started: at(1), completed: at(2) }))).toBeUndefined();
    const next = { digest: "sha256:c", name: "[build 4/9] COPY . /app", started: at(3) };
    expect(progress.read(vertexes(next))).toBe("build 4/9 COPY . /app");
  });

  test("is kept short and on one line", () => {
    const name = `[2/3] RUN set -eu\n  && ${"apt-get install ".repeat(20)}`;
    const step = createBuildProgress().read(vertexes({ digest: "sha256:a", name, started: at(0) }));
    expect(step).toMatch(/^2\/3 RUN set -eu && apt-get install .*…$/u);
    expect(step).toHaveLength(70);
  });

  test("is read from documents over many lines, as older releases print them", () => {
    const progress = createBuildProgress();
    const lines = JSON.stringify({ vertexes: [{ ...install, started: at(1) }] }, undefined, 2).split("\n");
    expect(lines.map((line) => progress.read(line)).filter((step) => step !== undefined)).toEqual([
      "build 3/9 RUN pip install",
    ]);
  });

  test.each([
    "",
    "#5 [2/3] RUN make",
    "{",
    '{"vertexes": 5}',
    '{"vertexes": [{}]}',
    "[]",
    "WARNING: no output",
  ])("is not changed by what isn't a report: %j", (line) => {
    expect(createBuildProgress().read(line)).toBeUndefined();
  });
});

describe("a failure", () => {
  test("is the failed step with the last lines that it printed", () => {
    const progress = createBuildProgress();
    progress.read(vertexes({ ...install, started: at(1) }));
    for (let line = 0; line < 30; line++) progress.read(log("sha256:b", `line ${line}\r\n\n`));
    progress.read(vertexes({ ...install, started: at(1), completed: at(2), error: "exit code: 1" }));
    expect(progress.failure()).toEqual({
      step: "build 3/9 RUN pip install",
      log: Array.from({ length: 20 }, (_, index) => `line ${index + 10}`),
    });
  });

  test("keeps the end of a long log", () => {
    const progress = createBuildProgress();
    progress.read(vertexes({ ...install, started: at(1) }));
    progress.read(log("sha256:b", `${"x".repeat(100_000)}\nthe cause\n`));
    progress.read(vertexes({ ...install, error: "exit code: 1" }));
    expect(progress.failure()?.log.at(-1)).toBe("the cause");
  });

  test("is not a step that was cancelled because another one failed", () => {
    const progress = createBuildProgress();
    progress.read(
      vertexes({ digest: "sha256:a", name: "[a 1/2] RUN sleep", error: "rpc error: context canceled" }),
    );
    progress.read(vertexes({ ...install, error: "exit code: 1" }));
    expect(progress.failure()?.step).toBe("build 3/9 RUN pip install");
  });

  test("is none while all goes well", () => {
    const progress = createBuildProgress();
    progress.read(vertexes({ ...install, started: at(1), completed: at(2) }));
    expect(progress.failure()).toBeUndefined();
  });
});
