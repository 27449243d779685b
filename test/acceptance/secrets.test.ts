import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Secrets } from "../../src/stack/secrets.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { createFaultStack, services, type FaultStack } from "../support/fault-stack.ts";
import { recordFault } from "../support/fault-log.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { watchProcessLists } from "../support/process-lists.ts";
import { run } from "../support/run.ts";
import { createSecretKeeper, generatedSecrets, type SecretKeeper } from "../support/secret-keeper.ts";

const { scheduler } = layoutFacts[usualLayout];

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
    keeper = createSecretKeeper(stack, scheduler);
    first = await keeper.onDisk();
    await keeper.encryptSomething();
  });
  afterAll(async () => {
    endWatch();
    await stack.dispose();
  });

  test("are in no log of a container or of a task after pipelines ran", async () => {
    const logs = await Promise.all(
      services.map(async (service) => {
        const { status, stdout, stderr } = await run("docker", ["logs", await stack.containerOf(service)]);
        expect(status, stderr).toBe(0);
        return [service, stdout + stderr] as const;
      }),
    );
    // One file after the other, each under its name; some may end while this looks through them.
    const print = `find /opt/airflow/logs -type f -printf '%p\\n' -exec cat {} \\;`;
    const ofTasks = await run("docker", ["exec", await stack.containerOf(scheduler), "bash", "-c", print]);
    expect(ofTasks.stdout).toMatch(/\/opt\/airflow\/logs\/dag_id=.*\/task_id=.*\.log$/mu);
    expect(ofTasks.stdout).toContain('"event":');
    const all = [...logs, ["tasks", ofTasks.stdout] as const];
    for (const [name, text] of all) {
      expect(
        generatedSecrets.filter((secret) => text.includes(first[secret])),
        `the log of ${name}`,
      ).toEqual([]);
    }
    recordFault({ after: `no secret in the logs of ${all.map(([name]) => name).join(", ")}` });
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

  test("are asked for when every copy of Airflow's key is lost, and the key from a backup opens all again", async () => {
    const before = await keeper.onDisk();
    await keeper.loseAll();
    const { message, hint, facts } = await stack.expectFailure("SECRETS_LOST", "up");
    expect(facts["closed"]).toEqual(["connection kept", "variable kept"]);
    expect(message).toContain("connection kept, variable kept");
    expect(hint).toContain("STACK_SECRET_FERNET_KEY back into .stack/.env");

    const line = "STACK_SECRET_FERNET_KEY=";
    const made = await readFile(file(), "utf8");
    expect(made).toContain(line);
    expect(made).not.toContain(before.FERNET_KEY);
    const mended = made.replace(new RegExp(`^${line}.*$`, "mu"), line + before.FERNET_KEY);
    await writeFile(file(), mended, { mode: 0o600 });
    await stack.expectWhole();
    const after = await keeper.onDisk();
    expect(generatedSecrets.filter((name) => after[name] === before[name])).toEqual(["FERNET_KEY"]);
    await keeper.expectOpen(after);
    await keeper.expectReadable();
  });
});
