import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UpResult } from "../../src/stack/up.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { layoutFacts } from "../support/layouts.ts";
import { output } from "../support/run.ts";
import { createSecretKeeper, type SecretKeeper } from "../support/secret-keeper.ts";
import { settingsText, type Failure } from "../support/test-project.ts";

const { scheduler } = layoutFacts.separate;

/* What the acceptance tests see of one container with all of Airflow, where its components have a container each. */
describe("the secrets of a stack whose Airflow runs in containers of its own", () => {
  let stack: FaultStack;
  let keeper: SecretKeeper;

  beforeAll(async () => {
    stack = await createFaultStack("rotate", undefined, async ({ name, ports, path }) => {
      await writeFile(path("stack.yaml"), settingsText(name, ports, "airflow: { layout: separate }\n"));
    });
    keeper = createSecretKeeper(stack, scheduler);
    await keeper.encryptSomething();
  });
  afterAll(async () => {
    await stack.dispose();
  });

  test("are all replaced by `secrets rotate`, which proves the stack; no data is lost", async () => {
    const before = await keeper.onDisk();
    await keeper.expectOpen(before);
    const { status, json } = await stack.stackJson<UpResult & Partial<Failure>>("secrets", "rotate");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(json.proof?.bytes).toBeGreaterThan(0);
    await keeper.expectReplaced(before);
    await stack.expectWhole("`secrets rotate` with a container for each of Airflow's components");
  });

  test("are all replaced by the next `up` when the rotation was killed half-way", async () => {
    const before = await keeper.onDisk();
    const rotating = stack.spawn("secrets", "rotate", "--json");
    await rotating.seen("stderr", /Giving the data its secrets/u);
    expect(rotating.stop("SIGKILL")).toBe(true);
    await rotating.ended;
    await stack.expectWhole("`secrets rotate` killed while the data gets its secrets");
    await keeper.expectReplaced(before);
  });

  test("can be lost for good: what nothing opens any more is deleted as the error says, and the rest is there", async () => {
    await keeper.loseAll();
    const { hint = "", facts } = await stack.expectFailure("SECRETS_LOST", "up");
    expect(facts["closed"]).toEqual(["connection kept", "variable kept"]);
    // The user's shell runs it as it is written there; it names the way for a connection.
    const ofConnection = (/docker compose .*$/u.exec(hint)?.[0] ?? "").replace("'NAME'", "'kept'");
    const ofVariable = ofConnection.replace("connection where conn_id", "variable where key");
    expect(ofVariable).not.toBe(ofConnection);
    for (const command of [ofConnection, ofVariable])
      expect(await output("bash", ["-c", command], stack.dir)).toContain("DELETE 1");
    await stack.expectWhole("every copy of Airflow's key lost, and what it had closed deleted");
    await keeper.expectOpen(await keeper.onDisk());
    await keeper.encryptSomething();
    await keeper.expectReadable();
  });
});
