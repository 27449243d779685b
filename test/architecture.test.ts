import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { brokenRules, eagerLoads, type Rooms } from "./support/rooms.ts";
import { parseSourceFile, readSourceFiles } from "./support/source-file.ts";

const TIME = ["Date", "performance", "setTimeout", "setInterval", "setImmediate"];
const OUTSIDE = ["fetch", "process", "console", "Buffer", "globalThis"];

/** docs/architecture.md explains this table; .oxlintrc.json enforces it in the editor. */
const ROOMS: Rooms = {
  lib: {
    imports: [],
    packages: { schema: "valibot", similar: "leven" },
    noGlobals: [...OUTSIDE, ...TIME],
  },
  stack: {
    imports: ["lib"],
    packages: { render: "yaml", "spec-parse": "yaml" },
    noGlobals: [...OUTSIDE, ...TIME],
  },
  adapters: {
    imports: ["lib"],
    types: ["stack"],
    packages: { process: "execa", "docker-engine": "dockerode", s3: "@aws-sdk/client-s3" },
    nodeModules: "all",
    // Programs are given a list of arguments, and no shell reads it.
    noProperties: ["shell"],
    sharedUnits: ["process"],
  },
  output: {
    imports: ["lib"],
    types: ["stack"],
    packages: { spinner: "ora", colors: "chalk" },
    nodeModules: ["node:util"],
    noGlobals: ["fetch", "process", "console", "setTimeout", "setInterval", "setImmediate"],
  },
  commands: {
    imports: ["lib", "stack"],
    types: ["context"],
    noGlobals: [...OUTSIDE, ...TIME],
    sharedUnits: [],
    maxLines: 60,
  },
  program: {
    imports: ["lib", "commands"],
    types: ["stack", "output", "context"],
    packages: { "*": "commander" },
    noGlobals: [...OUTSIDE, ...TIME],
  },
  context: { imports: ["lib", "stack", "adapters", "output"], nodeModules: "all" },
  cli: { imports: ["lib", "output", "program", "context"], nodeModules: "all" },
};

/** Packages that cost start-up time: `stack --help` must not load them. */
const HEAVY = ["@aws-sdk/client-s3", "dockerode", "execa", "ora"];

const source = readSourceFiles(fileURLToPath(new URL("../src", import.meta.url)));

describe("the source", () => {
  test("keeps to the rooms", () => {
    expect(brokenRules(source, ROOMS)).toEqual([]);
  });

  test("loads no heavy package before a command needs it", () => {
    expect(eagerLoads(source, "cli.ts", HEAVY)).toEqual([]);
  });
});

describe("the check itself", () => {
  const problemsOf = (path: string, text: string) => brokenRules([parseSourceFile(path, text)], ROOMS);

  test.each([
    ["lib/poll.ts", `import { a } from "../stack/a.ts";`, "must not import stack/a.ts"],
    ["lib/poll.ts", `import { v } from "valibot";`, "must not import valibot"],
    ["lib/poll.ts", `import "node:fs";`, "must not import node:fs"],
    [
      "stack/seed.ts",
      `import type { S3 } from "../adapters/s3.ts";`,
      "must not import types from adapters/s3.ts",
    ],
    ["stack/services/minio.ts", `export { a } from "../../output/a.ts";`, "must not import output/a.ts"],
    ["stack/seed.ts", `import { parse } from "yaml";`, "must not import yaml"],
    ["stack/seed.ts", `const due = Date.now();`, "must not use the global Date"],
    ["stack/seed.ts", `await fetch("http://localhost");`, "must not use the global fetch"],
    ["stack/seed.ts", `const options = { process };`, "must not use the global process"],
    ["adapters/s3.ts", `import { a } from "./system.ts";`, "must not import adapters/system.ts"],
    ["adapters/s3.ts", `import { a } from "../stack/a.ts";`, "must not import stack/a.ts"],
    ["adapters/s3.ts", `import Docker from "dockerode";`, "must not import dockerode"],
    ["adapters/docker-stats.ts", `import Docker from "dockerode";`, "must not import dockerode"],
    [
      "adapters/process.ts",
      `import { exec } from "node:child_process";`,
      "must not import node:child_process",
    ],
    ["cli.ts", `await import("child_process");`, "must not import child_process"],
    ["adapters/process.ts", `execa(command, args, { shell: true });`, "must not write the property shell"],
    [
      "adapters/process.ts",
      `const options = { reject: false, "shell": true };`,
      "must not write the property shell",
    ],
    ["commands/up.ts", `import { seed } from "./seed.ts";`, "must not import commands/seed.ts"],
    ["commands/up.ts", `import { createContext } from "../context.ts";`, "must not import context.ts"],
    ["commands/up.ts", "\n".repeat(60) + "up();", "61 lines, more than 60"],
    ["program.ts", `await import("./adapters/s3.ts");`, "must not import adapters/s3.ts"],
    ["context.ts", `await import(name);`, "must not import (computed)"],
    ["output/text.ts", `export default 1;`, "has a default export"],
    ["stack/utils.ts", "", `"utils" says nothing about its job`],
    ["stack/composeFile.ts", "", `"composeFile" is not kebab-case`],
    ["models/run.ts", "", "belongs to no room"],
  ])("refuses: $0 $2", (path, text, problem) => {
    expect(problemsOf(path, text)).toEqual([`${path}: ${problem}`]);
  });

  test.each([
    [
      "adapters/s3/objects.ts",
      `import { S3Client } from "@aws-sdk/client-s3"; import { a } from "./pages.ts";`,
    ],
    [
      "adapters/compose-cli.ts",
      `import { run } from "./process.ts"; import type { Engine } from "../stack/ports.ts";`,
    ],
    ["adapters/airflow-api.ts", `import { tokenFrom } from "./airflow-session.ts";`],
    ["adapters/docker-stats.ts", `import type Docker from "dockerode";`],
    ["program/up.ts", `import { Command } from "commander"; import { up } from "../commands/up.ts";`],
    ["lib/http.ts", `export const send = ({ fetch }: Request) => fetch("/");`],
    ["context.ts", `export const engine = () => import("./adapters/docker-engine.ts");`],
  ])("allows: $0 $1", (path, text) => {
    expect(problemsOf(path, text)).toEqual([]);
  });

  test("finds a heavy package behind static imports, and not behind types or dynamic imports", () => {
    const files = [
      parseSourceFile(
        "cli.ts",
        `import "./context.ts"; import type { Engine } from "./adapters/docker-engine.ts";`,
      ),
      parseSourceFile("context.ts", `import "./adapters/compose-cli.ts"; await import("./adapters/s3.ts");`),
      parseSourceFile("adapters/compose-cli.ts", `import "./process.ts";`),
      parseSourceFile("adapters/process.ts", `import { execa } from "execa";`),
      parseSourceFile("adapters/s3.ts", `import "@aws-sdk/client-s3";`),
      parseSourceFile("adapters/docker-engine.ts", `import Docker from "dockerode";`),
    ];
    expect(eagerLoads(files, "cli.ts", HEAVY)).toEqual([
      "cli.ts -> context.ts -> adapters/compose-cli.ts -> adapters/process.ts -> execa",
    ]);
  });
});
