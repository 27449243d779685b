import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Secrets } from "../../src/stack/secrets.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { recordFault } from "../support/fault-log.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { watchProcessLists } from "../support/process-lists.ts";
import { createSecretKeeper, generatedSecrets, type SecretKeeper } from "../support/secret-keeper.ts";

/* Each test asks the services themselves who may enter. */
describe("the secrets of a stack with data", () => {
  let stack: FaultStack;
  const file = () => stack.path(".stack", ".env");
  let keeper: SecretKeeper;
  let first: Secrets;
  let endWatch: () => readonly string[];

  beforeAll(async () => {
    endWatch = watchProcessLists();
    stack = await createFaultStack("secrets");
    keeper = createSecretKeeper(stack, layoutFacts[usualLayout].scheduler);
    first = await keeper.onDisk();
    await keeper.encryptSomething();
  });
  afterAll(async () => {
    endWatch();
    await stack.dispose();
  });

  test("are replaced by `secrets rotate`; the old ones open nothing, and no data is lost", async () => {
    const before = await keeper.onDisk();
    await keeper.expectOpen(before);
    const { status, json } = await stack.stackJson<UpResult>("secrets", "rotate");
    expect(status).toBe(0);
    expect(json.proof?.bytes).toBeGreaterThan(0);
    await keeper.expectReplaced(before);
    await stack.expectWhole();
  });

  test("were in no process list while the stack started, was filled and got other ones", async () => {
    const lines = endWatch();
    const values = [first, await keeper.onDisk()].flatMap((secrets) =>
      // Names of users are no secrets without their keys.
      generatedSecrets.filter((name) => !/_(?:USER|ACCESS_KEY)$/u.test(name)).map((name) => secrets[name]),
    );
    expect(lines.filter((line) => values.some((value) => line.includes(value)))).toEqual([]);
    // What it looks through has the tool's own processes and the containers'.
    for (const known of ["cli.js up", "docker compose", "hba_file", "airflow"])
      expect(lines.filter((line) => line.includes(known))).not.toEqual([]);
    recordFault({ after: `${lines.length} command lines, and no secret in them` });
  });

  test("are shown by name", async () => {
    const { json } = await stack.stackJson<readonly object[]>("secrets", "show", "JWT_SECRET");
    expect(json).toMatchObject([{ name: "JWT_SECRET", value: await stack.secret("JWT_SECRET") }]);
  });

  test("are found again in the running stack when their file is lost, and nothing is restarted", async () => {
    const text = await readFile(file(), "utf8");
    await rm(file());
    const { json } = await stack.stackJson<UpResult>("up");
    expect(json.changed).toBe(false);
    await expect(readFile(file(), "utf8")).resolves.toBe(text);
    recordFault({ after: "the same secrets, and no container restarted" });
  });

  test("are made anew when their file is lost and nothing runs, and all data is there", async () => {
    const before = await keeper.onDisk();
    await stack.stack("down");
    await rm(file());
    await stack.expectWhole();
    await keeper.expectReplaced(before);
  });
});
