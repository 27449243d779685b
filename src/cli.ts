#!/usr/bin/env node
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import { createContext, passwordVariable } from "./context.ts";
import { unquoteEnvValue } from "./lib/env-file.ts";
import { errorTable } from "./lib/error-table.ts";
import { StackError } from "./lib/errors.ts";
import { createRedactor } from "./lib/redact.ts";
import { createOutput } from "./output/output.ts";
import { runProgram, type ProgramDeps } from "./program.ts";

const interrupt = new AbortController();
// Children get a second to end; whatever still runs then must not keep the user waiting.
const longestGoodbyeMs = 1500;

// 128 and the signal's number, as shells have it.
const statusOfSignal = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
let signalStatus: number | undefined;
/** Says why the command ends, for one that can't say so in time itself. */
let sayError: ((error: StackError) => void) | undefined;

function onSignal(signal: keyof typeof statusOfSignal): void {
  signalStatus ??= statusOfSignal[signal];
  const status = signalStatus;
  if (interrupt.signal.aborted) process.exit(status);
  const error = new StackError("INTERRUPTED", "Interrupted; what had been started stays as it is.", {
    hint: "Run the command again to go on, or `stack down` to stop the stack.",
    facts: { signal },
    status,
  });
  interrupt.abort(error);
  setTimeout(() => {
    sayError?.(error);
    process.exit(status);
  }, longestGoodbyeMs).unref();
}

const openSession: ProgramDeps["openSession"] = async (options, flags) => {
  const { stdout, stderr, env } = process;
  const allowsColor = options.color && (env["NO_COLOR"] ?? "") === "";
  const isQuiet = options.quiet === true;
  const spins = stderr.isTTY && !isQuiet && env["CI"] === undefined && env["TERM"] !== "dumb";
  const spinner = spins ? (await import("./output/spinner.ts")).createSpinner(stderr) : undefined;
  const output = createOutput(
    {
      json: options.json === true,
      quiet: isQuiet,
      verbose: options.verbose === true,
      colorOut: allowsColor && stdout.isTTY,
      colorErr: allowsColor && stderr.isTTY,
    },
    {
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      spinner,
      nowMs: Date.now,
      redact: createFreshRedactor(options.projectDir, env[passwordVariable]),
      repeat: (ms, work) => {
        const timer = setInterval(work, ms).unref();
        return () => {
          clearInterval(timer);
        };
      },
    },
  );
  sayError = output.error;
  const context = createContext({
    projectDir: options.projectDir,
    flags,
    env,
    emit: output.emit,
    signal: interrupt.signal,
  });
  return { context, output };
};

const secretsStayFreshMs = 1000;

/** Masks `given` and the secrets that there are by then: a start makes them while it goes on. */
function createFreshRedactor(projectDir: string, given: string | undefined): (text: string) => string {
  let redact = createRedactor([]);
  let readAtMs = 0;
  return (text) => {
    if (Date.now() - readAtMs > secretsStayFreshMs) {
      const known = readSecretValues(projectDir);
      redact = createRedactor(given === undefined ? known : [...known, given]);
      readAtMs = Date.now();
    }
    return redact(text);
  };
}

/** The values in the stack's secrets file; none before there is one. */
function readSecretValues(projectDir: string): readonly string[] {
  try {
    const text = readFileSync(join(projectDir, ".stack", ".env"), "utf8");
    return [...text.matchAll(/^STACK_SECRET_\w+=(.+)$/gmu)].flatMap(
      ([, value = ""]) => unquoteEnvValue(value) ?? value,
    );
  } catch {
    return [];
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

const oldestNode = 22;

async function main(): Promise<number> {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    const message = `stack needs Node.js ${oldestNode} or newer; this is ${process.versions.node}.`;
    process.stderr.write(
      `error NODE_TOO_OLD: ${message}\nfix Install it, or in a clone run \`npx stack\`.\n`,
    );
    return errorTable.NODE_TOO_OLD.status;
  }
  return await runProgram(process.argv.slice(2), {
    version: readVersion(),
    openSession,
    writeOut: (text) => process.stdout.write(text),
  });
}

// What is heavy is loaded later, and from now on needs no compiling the second time. An old Node doesn't have it, and
// is to hear that it is old.
if ("enableCompileCache" in nodeModule) nodeModule.enableCompileCache();
// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
const status = await main();
sayError = undefined;
// Also when the work was through by then: a script that was interrupted must not go on.
process.exitCode = signalStatus ?? status;
