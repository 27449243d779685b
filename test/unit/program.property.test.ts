import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StackError } from "../../src/lib/errors.ts";
import type { Output } from "../../src/output/output.ts";
import { runProgram } from "../../src/program.ts";
import { createStackWorld } from "../support/stack-world.ts";

const verbs =
  "up down pause resume seed prove status timings secrets doctor logs report init connection dags help";
const flags =
  "--json --quiet --port --image --project --bucket --timeout --since --tail --task --try --run --from --output --watch --all --dry-run --volumes --project-dir --dataset --prove --no-build --no-run --list --reveal --yes --help";
const values = [
  "test",
  "show",
  "check",
  "airflow=1",
  "10m",
  "-1",
  "1e9",
  "0x1",
  "",
  "--",
  "=",
  "$(x)",
  "../..",
  "__proto__",
];
const words = [...verbs.split(" "), ...flags.split(" "), ...values];
const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...words) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...flags.split(" ")), fc.string()).map((parts) => parts.join("=")),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
);
const commandLine = fc
  .tuple(fc.constantFrom(...verbs.split(" ")), fc.array(word, { maxLength: 5 }))
  .map(([verb, rest]) => [verb, ...rest]);

const reached = new StackError("STACK_NOT_RUNNING", "The command line was taken.");
const unreachable = new Proxy(createStackWorld().context(), {
  get: () => {
    throw reached;
  },
});

test("any command line is taken, or refused as wrong use", async () => {
  await fc.assert(
    fc.asyncProperty(commandLine, async (argv) => {
      const errors: StackError[] = [];
      const output: Output = {
        emit: () => undefined,
        result: () => undefined,
        frame: () => undefined,
        line: () => undefined,
        text: () => undefined,
        error: (error) => void errors.push(error),
      };
      const status = await runProgram(argv, {
        version: "1.2.3",
        writeOut: () => undefined,
        openSession: async () => ({ context: unreachable, output }),
      });
      expect(errors.filter((error) => error !== reached).map(({ code }) => code)).toEqual(
        status === 2 ? ["USAGE"] : [],
      );
      expect(status).toBe(errors[0]?.status ?? 0);
    }),
    { numRuns: 1500 },
  );
});
