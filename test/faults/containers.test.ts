import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFaultStack, endsMs, services, type FaultStack } from "../support/fault-stack.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { docker, dockerLines } from "../support/run.ts";
import type { Spawned } from "../support/spawned.ts";
import type { Failure } from "../support/test-project.ts";

/** Once these run: where Airflow's components wait for one another, not all of them are there to be frozen then. */
const halfWay = {
  together: { running: ["mlflow", "airflow"], frozen: "STACK_PAUSED" },
  separate: { running: ["mlflow"], frozen: "SERVICE_UNHEALTHY" },
}[usualLayout];

/* Containers that are killed, frozen, removed or made by someone else. */
describe("a stack whose containers are meddled with", () => {
  let stack: FaultStack;
  const label = () => `label=com.docker.compose.project=${stack.name}`;
  const composeFile = () => stack.path(".stack", "compose.yaml");

  /** The command names who was killed at once, and doesn't wait for the others before it ends. */
  const expectEnded = async (command: Spawned, service: string, killedMs: number): Promise<void> => {
    await stack.expectNamed(command, new RegExp(`${service} was killed from outside`, "u"), killedMs);
    const { status, stdout } = await command.ended;
    expect(Date.now() - killedMs).toBeLessThan(endsMs);
    expect((JSON.parse(stdout) as Failure).error).toMatchObject({
      code: "SERVICE_UNHEALTHY",
      facts: { service },
    });
    expect(status).toBe(4);
  };

  beforeAll(async () => {
    stack = await createFaultStack("containers");
  });
  afterAll(async () => {
    await stack.dispose();
  });

  test.each(services)("at rest tells that %s was killed, and is had back by up", async (service) => {
    await stack.kill(service);
    const error = await stack.expectFailure("SERVICE_UNHEALTHY", "status");
    // Beside it those that end without it, as stock components of Airflow do without their database.
    expect(error.facts["services"]).toContain(service);
    expect(error.message).toContain(`${service} exited (exit code 137)`);
    await stack.expectWhole(`${service} killed at rest`);
  });

  // What has its work done, and ends, is no less needed.
  const needed = [...services, ...layoutFacts[usualLayout].completed];
  test.each(needed)("ends `up` when %s is killed meanwhile", async (service) => {
    await stack.stack("down");
    const starting = stack.spawn("up", "--json");
    await stack.running(service);
    const killedMs = await stack.kill(service);
    await expectEnded(starting, service, killedMs);
    await stack.expectWhole(`${service} killed during \`up\``);
  });

  test.each(services)("ends `seed` when %s is killed meanwhile", async (service) => {
    const seeding = stack.spawn("seed", "--json");
    await seeding.seen("stderr", /Running mlflow_tutorial_dag/u);
    const killedMs = await stack.kill(service);
    await expectEnded(seeding, service, killedMs);
    await stack.expectWhole(`${service} killed during \`seed\``);
  });

  // The engine tells of a signal that it was asked to send, and of none that came by another way.
  test("watched tells that mlflow's own process was killed past the engine", async () => {
    const id = await stack.containerOf("mlflow");
    const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", id));
    // By a number that an engine elsewhere gives, someone else's process would be killed.
    expect(await readFile(`/proc/${pid}/mountinfo`, "utf8")).toContain(id);
    const watching = stack.spawn("status", "--watch", "--json");
    await watching.seen("stdout", /"state":"up"/u);
    const killedMs = Date.now();
    process.kill(pid, "SIGKILL");
    await stack.expectNamed(watching, /mlflow was killed \(SIGKILL, exit code 137\)/u, killedMs);
    watching.stop();
    expect((await watching.ended).status).toBe(130);
    await stack.expectWhole("mlflow's process killed past the engine during `status --watch`");
  });

  describe.each([
    ["frozen", "paused", ["pause"]],
    ["removed", "absent", ["rm", "--force"]],
  ] as const)("by hand, of which one is %s,", (done, state, command) => {
    test.each(services)("tells that it is %s, and has it back", async (service) => {
      await docker(...command, await stack.containerOf(service));
      const askedMs = Date.now();
      const error = await stack.expectFailure("SERVICE_UNHEALTHY", "status");
      // Nobody is asked who would wait for it.
      expect(Date.now() - askedMs).toBeLessThan(endsMs);
      expect(error.message).toContain(`${service} ${state}`);
      await stack.expectWhole(`${service}'s container ${done} by hand`);
    });
  });

  test("starts containers that an aborted start made and never started", async () => {
    await stack.stack("down");
    await docker("compose", "--file", composeFile(), "create");
    const { message } = await stack.expectFailure("SERVICE_UNHEALTHY", "status");
    expect(message).toContain("mlflow starting (waits for what it depends on)");
    await stack.expectWhole("containers made and never started");
  });

  test("makes a container anew that an aborted start had not filled yet", async () => {
    await stack.stack("down");
    await docker("compose", "--file", composeFile(), "create");
    await writeFile(stack.path("empty"), "");
    await docker(
      "cp",
      stack.path("empty"),
      `${await stack.containerOf(layoutFacts[usualLayout].api)}:/opt/airflow/passwords.json`,
    );
    await stack.expectWhole("a container made, not filled and never started");
  });

  test("has a container back that was removed while the stack was frozen", async () => {
    expect((await stack.stack("pause")).status).toBe(0);
    await docker("rm", "--force", await stack.containerOf("mlflow"));
    await stack.expectFailure("SERVICE_UNHEALTHY", "status");
    await stack.expectWhole("mlflow's container removed while the stack was frozen");
  });

  test.each([
    ["", async () => await Promise.resolve()],
    [", nor the compose file", async () => await rm(composeFile())],
  ])("is taken down without a container that others depend on%s", async (words, lose) => {
    await docker("rm", "--force", await stack.containerOf("mlflow"));
    await lose();
    const { status, stderr } = await stack.stack("down");
    expect(status, stderr).toBe(0);
    expect((await stack.leftovers()).filter((one) => !one.startsWith("volume"))).toEqual([]);
    await stack.expectWhole(`\`down\` without mlflow's container${words}`);
  });

  test("goes on with a start that was killed, and then frozen", async () => {
    await stack.stack("down");
    const starting = stack.spawn("up", "--json");
    for (const service of halfWay.running) await stack.running(service);
    starting.stop("SIGKILL");
    await starting.ended;
    expect((await stack.stack("pause")).status).toBe(0);
    await stack.expectFailure(halfWay.frozen, "status");
    await stack.expectWhole("`up` killed, and what it had started frozen");
  });

  test("uses the network that an aborted start left without containers", async () => {
    await stack.stack("down");
    await docker("compose", "--file", composeFile(), "create");
    await docker("rm", ...(await dockerLines("ps", "--all", "--quiet", "--filter", label())));
    expect((await stack.expectFailure("STACK_NOT_RUNNING", "status")).message).toContain("is down");
    await stack.expectWhole("a network left without containers");
  });

  test.each([
    ["container", async (name: string) => await docker("create", "--name", name, await anyImage(), "true")],
    ["network", async (name: string) => await docker("network", "create", name)],
  ])("is not started over a foreign %s with its name, which is named", async (kind, make) => {
    const name = kind === "network" ? `${stack.name}_default` : `${stack.name}-mlflow-1`;
    await stack.stack("down");
    await make(name);
    try {
      const error = await stack.expectFailure("NAME_TAKEN", "up");
      expect(error.message).toContain(name);
      expect(error.facts).toMatchObject({ kind, name });
    } finally {
      await docker(...(kind === "network" ? ["network", "rm"] : ["rm"]), name);
    }
    await stack.expectWhole(`a foreign ${kind} with the stack's name`);
  });

  /** One that is here already: nothing of it is run. */
  const anyImage = async (): Promise<string> =>
    (await dockerLines("images", "--quiet", "--filter", "reference=stack-postgres"))[0] ?? "";
});
