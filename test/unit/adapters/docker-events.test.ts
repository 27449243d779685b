import { expect, test } from "vitest";
import { eventFrom } from "../../../src/adapters/docker-events.ts";

const line = (Action: string, attributes: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({
    Type: "container",
    Action,
    timeNano: 1_700_000_000_500_000_000,
    Actor: { ID: "c1", Attributes: { "com.docker.compose.service": "mlflow", ...attributes } },
  });

test.each([
  ["start", {}, { kind: "started" }],
  ["die", { exitCode: "137" }, { kind: "died", exitCode: 137 }],
  ["oom", {}, { kind: "out-of-memory" }],
  ["kill", { signal: "9" }, { kind: "signalled", signal: 9 }],
  ["health_status: unhealthy", {}, { kind: "unhealthy" }],
])("%s %j is told", (action, attributes, expected) => {
  expect(eventFrom(line(action, attributes))).toMatchObject({
    containerId: "c1",
    service: "mlflow",
    at: "2023-11-14T22:13:20.500Z",
    ...expected,
  });
});

test.each([line("health_status: healthy"), line("exec_create: sh"), "", "{", "[]", '{"Action":"die"}'])(
  "%s says nothing here",
  (text) => {
    expect(eventFrom(text)).toBeUndefined();
  },
);
