import { expect, test } from "vitest";
import { spawnTool } from "../support/spawned.ts";

/** A command that waits for a program of its own, which tells of a signal; both go on until SIGINT. */
const program = `
trap 'echo program: SIGTERM' TERM
trap 'echo program: SIGINT; exit' INT
echo ready
while :; do sleep 0.02; done`;
const command = `trap 'echo command: SIGINT' INT; trap : TERM; sh -c '${program.replaceAll("'", '"')}'; exit 7`;

/** Stands before what it is given, and runs none of it. */
const inPlaceOfTheTool = { dir: "/", enter: ["sh", "-c", command] };

test("Ctrl-C reaches a command and the programs that it runs; another signal, the command alone", async () => {
  const spawned = spawnTool(inPlaceOfTheTool);
  await spawned.seen("stdout", /ready/u);
  expect(spawned.stop("SIGTERM")).toBe(true);
  expect(spawned.stop()).toBe(true);
  await expect(spawned.ended).resolves.toMatchObject({
    status: 7,
    stdout: "ready\nprogram: SIGINT\ncommand: SIGINT\n",
  });
  expect(spawned.stop()).toBe(false);
});
