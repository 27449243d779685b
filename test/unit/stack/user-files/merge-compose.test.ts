import { expect, test } from "vitest";
import { mergeCompose } from "../../../../src/stack/user-files/merge-compose.ts";

test.each([
  ["a value replaces", { image: "a" }, { image: "b" }, { image: "b" }],
  ["nothing replaces nothing", { image: "a" }, { image: null }, { image: "a" }],
  ["mappings are joined", { deploy: { a: 1, b: 1 } }, { deploy: { b: 2 } }, { deploy: { a: 1, b: 2 } }],
  [
    "a list of variables joins a mapping",
    { environment: { A: "1" } },
    { environment: ["B=x=y", "C"] },
    { environment: { A: "1", B: "x=y", C: null } },
  ],
  ["ports are added, each once", { ports: ["1:1"] }, { ports: ["1:1", "2:2"] }, { ports: ["1:1", "2:2"] }],
  [
    "a mount takes its target over",
    { volumes: ["a:/x", { target: "/y", source: "b" }] },
    { volumes: ["c:/y:ro"] },
    { volumes: ["a:/x", "c:/y:ro"] },
  ],
  ["a command is replaced as a whole", { command: ["a", "b"] }, { command: ["c"] }, { command: ["c"] }],
  [
    "names in depends_on join conditions",
    { depends_on: { a: { condition: "service_healthy" } } },
    { depends_on: ["b"] },
    { depends_on: { a: { condition: "service_healthy" }, b: { condition: "service_started" } } },
  ],
  [
    "names of JavaScript's own objects are names",
    JSON.parse('{"a": 1}'),
    JSON.parse('{"toString": [1], "__proto__": {"b": 2}}'),
    JSON.parse('{"a": 1, "toString": [1], "__proto__": {"b": 2}}'),
  ],
  [
    "networks are joined",
    { networks: ["default"] },
    { networks: { other: { aliases: ["x"] } } },
    { networks: { default: null, other: { aliases: ["x"] } } },
  ],
])("%s", (_, base, over, merged) => {
  expect(mergeCompose(base, over)).toEqual(merged);
});
