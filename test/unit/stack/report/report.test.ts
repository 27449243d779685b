import { describe, expect, test } from "vitest";
import { doctor } from "../../../../src/commands/doctor.ts";
import { report } from "../../../../src/commands/report.ts";
import { status } from "../../../../src/commands/status.ts";
import { createStackWorld, upOf, type StackWorld } from "../../../support/stack-world.ts";

async function reportOf(world: StackWorld, target?: string) {
  const context = world.context();
  const findings = {
    doctor: async () => (await doctor(context)).report,
    status: async () => (await status(context)).report,
  };
  const result = await report(context, { target, version: "1.2.3" }, findings);
  const entries = world.archives.get(result.path) ?? [];
  const textOf = (path: string): string => entries.find((entry) => entry.path === path)?.text ?? "";
  return { result, entries, textOf };
}

describe("a report", () => {
  test("of a running stack has all that helps, and says so", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    world.compose.behaviours.set("mlflow", { hasHealthcheck: true, healthyAfterMs: 0, log: ["started"] });
    await upOf(world);
    const { result, entries, textOf } = await reportOf(world);
    const paths = [
      "README.txt",
      "versions.json",
      "doctor.json",
      "status.json",
      "stack.yaml",
      "compose.yaml",
      "state.json",
      "timings.json",
      "containers.json",
    ];
    expect(entries.map(({ path }) => path)).toEqual(expect.arrayContaining([...paths, "logs/mlflow.log"]));
    expect(result.files.map(({ path }) => path)).toEqual(entries.map(({ path }) => path));
    expect(result.missing).toEqual([]);
    expect(textOf("logs/mlflow.log")).toMatch(/^\S+Z stdout started\n$/u);
    expect(JSON.parse(textOf("versions.json"))).toMatchObject({
      stack: "1.2.3",
      engine: { version: "26.1.5+dfsg1" },
    });
    for (const { path } of entries)
      expect(textOf("README.txt")).toContain(path === "README.txt" ? "" : `${path}: `);
  });

  test("has no secret in it: neither the stack's, nor the user's, nor what a log gives away", async () => {
    const text =
      "project: housing\nenv: { airflow: { HARMLESS_NAME: nobody-knows-this, MY_TOKEN: t0k3n } }\nbucket: my-bucket\n";
    const world = createStackWorld({
      texts: {
        "stack.yaml": text,
        ".env": "PLAIN=plain-value\n",
        "airflow_settings.yaml":
          "airflow: { connections: [{ conn_id: db, conn_password: db-value }], variables: [{ variable_name: a, variable_value: of-airflow }] }\n",
      },
    });
    await upOf(world);
    const secrets = [...(world.files.files.get(".stack/.env")?.text ?? "").matchAll(/=(.+)$/gmu)].map(
      ([, one]) => one ?? "",
    );
    const log = [
      ...secrets.map((one) => `said ${one}`),
      "db postgresql://me:hunter2@db/x",
      "key=nobody-knows-this",
      "plain-value db-value of-airflow",
    ];
    const mlflow = [...world.engine.world.containers.values()].find(({ service }) => service === "mlflow");
    if (mlflow === undefined) throw new Error("no container");
    world.engine.world.containers.set(mlflow.id, { ...mlflow, behaviour: { ...mlflow.behaviour, log } });
    const { entries, textOf } = await reportOf(world);
    const all = entries.map((entry) => entry.text).join("\n");
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of [
      ...secrets,
      "hunter2",
      "nobody-knows-this",
      "t0k3n",
      "plain-value",
      "db-value",
      "of-airflow",
    ])
      expect(all).not.toContain(secret);
    expect(textOf("stack.yaml")).toContain("bucket: my-bucket");
    expect(textOf("logs/mlflow.log")).toContain("said ***");
  });

  test("masks what containers were given, when the secrets file is gone", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    world.compose.behaviours.set("mlflow", {
      hasHealthcheck: true,
      healthyAfterMs: 0,
      log: ["said 0123456789abcdef"],
    });
    await upOf(world);
    world.engine.world.environments.set("mlflow", { MLFLOW_DB_PASSWORD: "0123456789abcdef" });
    world.files.files.delete(".stack/.env");
    const { textOf } = await reportOf(world);
    expect(textOf("logs/mlflow.log")).toContain("said ***");
  });

  test("masks a password that the user gave, however its file quotes it", async () => {
    const text = "mlflow: { mode: remote, url: 'https://m.example', login: alice }\n";
    const world = createStackWorld({ texts: { "stack.yaml": text } });
    world.env["STACK_MLFLOW_PASSWORD"] = "it's $secret";
    world.compose.behaviours.set("minio", {
      hasHealthcheck: true,
      healthyAfterMs: 0,
      log: ["said it's $secret"],
    });
    await upOf(world);
    const { textOf } = await reportOf(world);
    expect(textOf("logs/minio.log")).toContain("said ***");
  });

  test("is had with the engine off, naming what is missing", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    const { result, textOf } = await reportOf(world);
    expect(result.missing.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["containers.json", "stack.yaml", "compose.yaml"]),
    );
    expect(result.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["doctor.json", "status.json"]),
    );
    expect(textOf("README.txt")).toContain("containers.json is missing: The Docker engine doesn't answer.");
  });

  test("is had with settings and secrets that can't be read", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "bucket: X\n", ".stack/.env": "nonsense" } });
    const { result } = await reportOf(world);
    expect(result.files.map(({ path }) => path)).toContain("stack.yaml");
    expect(result.missing.map(({ path }) => path)).toContain("status.json");
  });

  test("goes into the generated folder, or where it is told to and nowhere else", async () => {
    const world = createStackWorld();
    expect((await reportOf(world)).result.path).toBe("/home/user/project/.stack/stack-report.tar.gz");
    const other = createStackWorld();
    expect((await reportOf(other, "/tmp/mine.tar.gz")).result.path).toBe("/tmp/mine.tar.gz");
    expect(other.files.dirs.size).toBe(0);
  });
});
