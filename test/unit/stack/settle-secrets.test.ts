import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { down } from "../../../src/commands/down.ts";
import type { ComposeFile } from "../../../src/stack/compose-types.ts";
import { isGiven, secretNames, type SecretName, type Secrets } from "../../../src/stack/secrets.ts";
import {
  composePath,
  readSecrets,
  readState,
  secretsPath,
  statePath,
} from "../../../src/stack/stack-folder.ts";
import type { Program } from "../../support/fake-compose.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

const generated = secretNames.filter((name) => !isGiven(name));

async function secretsOf({ files }: StackWorld): Promise<Secrets> {
  const secrets = await readSecrets(files);
  if (secrets === undefined) throw new Error("no secrets");
  return secrets;
}

function same(one: Secrets, other: Secrets): readonly SecretName[] {
  return generated.filter((name) => one[name] === other[name]);
}

/** Services that ran while Airflow's data was given its key, once for each time. */
function watchSettling(world: StackWorld, closed: readonly string[] = []): readonly (readonly string[])[] {
  const seen: (readonly string[])[] = [];
  const program: Program = (args) => {
    const stdout = `a warning of Airflow's\n${JSON.stringify({ encrypted: 1, closed })}\n`;
    if (args.includes("text of settle_fernet.py"))
      seen.push([...world.engine.world.containers.values()].map(({ service }) => service).toSorted());
    return { exitCode: 0, stdout, stderr: "" };
  };
  world.compose.programs.set("airflow", program);
  return seen;
}

/** What the compose file fills in, in the containers of a stack that is up. */
function giveToContainers({ engine, files }: StackWorld, secrets: Secrets): void {
  const filled = (text: string): string =>
    text
      .replaceAll(/\$\{STACK_SECRET_(\w+)\}/gu, (_, name: SecretName) => secrets[name])
      .replaceAll("$$", "$");
  const file: ComposeFile = parse(files.files.get(composePath)?.text ?? "");
  for (const [name, { environment = {}, configs = [] }] of Object.entries(file.services)) {
    engine.world.environments.set(
      name,
      Object.fromEntries(Object.entries(environment).map(([key, text]) => [key, filled(text)])),
    );
    for (const { source, target } of configs)
      engine.world.files.set(`${name}:${target}`, filled(file.configs[source]?.content ?? ""));
  }
}

/** A stack that was up once, is down now, and has lost its secrets. */
async function lostSecrets(): Promise<{ readonly world: StackWorld; readonly before: Secrets }> {
  const world = createStackWorld();
  await upOf(world);
  const before = await secretsOf(world);
  await down(world.context(), { volumes: false, yes: false });
  world.files.files.delete(secretsPath);
  return { world, before };
}

describe("data whose secrets are lost", () => {
  test("is given new ones while nothing but the databases runs", async () => {
    const { world, before } = await lostSecrets();
    const settled = watchSettling(world);
    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    expect(settled).toEqual([["minio", "postgres"]]);
    expect(same(before, await secretsOf(world))).toEqual([]);
  });

  test("is given them once", async () => {
    const { world } = await lostSecrets();
    await upOf(world);
    const settled = watchSettling(world);
    await expect(upOf(world)).resolves.toMatchObject({ changed: false });
    await down(world.context(), { volumes: false, yes: false });
    await upOf(world);
    expect(settled).toEqual([]);
  });

  test("keeps those that the containers still know", async () => {
    const world = createStackWorld();
    await upOf(world);
    const { FERNET_KEY } = await secretsOf(world);
    world.engine.world.environments.set("airflow", { AIRFLOW__CORE__FERNET_KEY: FERNET_KEY });
    await world.files.write(secretsPath, "STACK_SECRET_JWT_SEC", 0o600);
    await upOf(world);
    await expect(secretsOf(world)).resolves.toMatchObject({ FERNET_KEY });
  });

  test("is left alone when what was remembered of it is lost, and what runs well has its secrets", async () => {
    const world = createStackWorld();
    await upOf(world);
    const secrets = await secretsOf(world);
    giveToContainers(world, secrets);
    const running = [...world.engine.world.containers.keys()];
    for (const text of ["", undefined]) {
      const settled = watchSettling(world);
      if (text === undefined) world.files.files.delete(statePath);
      else await world.files.write(statePath, text);
      await upOf(world);
      expect(settled).toEqual([]);
    }
    expect([...world.engine.world.containers.keys()]).toEqual(running);
    // Of a stack that is down nothing tells.
    await down(world.context(), { volumes: false, yes: false });
    world.files.files.delete(statePath);
    const settled = watchSettling(world);
    await upOf(world);
    expect(settled).toHaveLength(1);
  });

  test("keeps one whose line was cut off, as long as what runs well has it", async () => {
    const world = createStackWorld();
    await upOf(world);
    const secrets = await secretsOf(world);
    giveToContainers(world, secrets);
    const text = (await world.files.read(secretsPath)) ?? "";
    await world.files.write(secretsPath, text.slice(0, text.indexOf("MINIO_ROOT_PASSWORD=") + 40), 0o600);
    await upOf(world);
    await expect(secretsOf(world)).resolves.toEqual(secrets);
  });

  test("is as it was when a step failed, and the next start goes on", async () => {
    const { world } = await lostSecrets();
    world.compose.programs.set("airflow", () => ({
      exitCode: 1,
      stdout: "",
      stderr: "Traceback\nOSError: full\n",
    }));
    await expect(upOf(world)).rejects.toMatchObject({
      code: "SECRETS_UNSETTLED",
      message: expect.stringContaining("OSError: full"),
    });
    const chosen = await secretsOf(world);
    const settled = watchSettling(world);
    await upOf(world);
    expect(settled).toHaveLength(1);
    expect(same(chosen, await secretsOf(world))).toEqual(generated);
  });

  test("that no key opens is named and left alone", async () => {
    const { world } = await lostSecrets();
    watchSettling(world, ["connection mine"]);
    await expect(upOf(world)).rejects.toMatchObject({
      code: "SECRETS_LOST",
      facts: { closed: ["connection mine"] },
    });
    await expect(readState(world.files)).resolves.toMatchObject({ settled: "", applied: "" });
  });
});

describe("renewed secrets", () => {
  test("are all new, and the data has them", async () => {
    const world = createStackWorld();
    await upOf(world);
    const before = await secretsOf(world);
    const settled = watchSettling(world);
    await expect(upOf(world, { secrets: "renewed" })).resolves.toMatchObject({ changed: true });
    expect(settled).toEqual([["minio", "postgres"]]);
    expect(same(before, await secretsOf(world))).toEqual([]);
  });

  test("leave the password for an MLflow elsewhere alone, which only its user can replace", async () => {
    const mlflow = "mlflow: { mode: remote, url: 'https://mlflow.example', login: alice }";
    const world = createStackWorld({ texts: { "stack.yaml": `project: housing\n${mlflow}\n` } });
    world.env["STACK_MLFLOW_PASSWORD"] = "of-alice";
    await upOf(world);
    const before = await secretsOf(world);
    delete world.env["STACK_MLFLOW_PASSWORD"];
    watchSettling(world);
    await expect(upOf(world, { secrets: "renewed" })).resolves.toMatchObject({ changed: true });
    const after = await secretsOf(world);
    expect(same(before, after)).toEqual([]);
    expect(after.MLFLOW_ELSEWHERE_PASSWORD).toBe("of-alice");
  });

  test("are refused before there are any", async () => {
    const world = createStackWorld();
    await expect(upOf(world, { secrets: "renewed" })).rejects.toMatchObject({ code: "STACK_NOT_RUNNING" });
    expect(world.files.files.has(secretsPath)).toBe(false);
  });
});
