import { describe, expect, test } from "vitest";
import { dryRunUp } from "../../../src/commands/up.ts";
import { createStackWorld, upOf, withoutLimits, type StackWorld } from "../../support/stack-world.ts";

const bundle = "/etc/ssl/certs/ca-certificates.crt";
const inProject = ".stack/certificates/ca-certificates.crt";
const pem = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
const elsewhere =
  "project: housing\nmlflow: { mode: remote, url: 'https://mlflow.example', ca_file: ca.pem }\n";

function worldWith(text: string, texts: Record<string, string> = {}): StackWorld {
  const world = createStackWorld({ texts });
  world.caFile = bundle;
  world.files.outside.set(bundle, text);
  return world;
}

async function expectUsed(world: StackWorld): Promise<void> {
  const compose = world.files.files.get(".stack/compose.yaml")?.text;
  expect(compose).toContain(`source: ${world.files.dir}/.stack/certificates`);
  expect(compose).toContain("REQUESTS_CA_BUNDLE: /opt/airflow/certificates/ca-certificates.crt");
  expect(compose).toContain("SSL_CERT_FILE: /opt/airflow/certificates/ca-certificates.crt");
  expect(await dryRunUp(world.context())).toBe(withoutLimits(compose ?? ""));
}

test("tasks go by this machine's certificate authorities", async () => {
  const world = worldWith("ours");

  await upOf(world);

  expect(world.files.files.get(inProject)).toEqual({ text: "ours", mode: 0o644 });
  // Airflow's user has to get at it, through a folder of its own.
  expect(world.files.dirs.get(".stack/certificates")).toBe(0o755);
  await expectUsed(world);
});

test("new ones are there for a stack that runs, and nothing is started anew for them", async () => {
  const world = worldWith("old");
  await upOf(world);
  world.files.outside.set(bundle, "new");

  expect(await upOf(world)).toMatchObject({ changed: false });

  expect(world.files.files.get(inProject)?.text).toBe("new");
});

test("a machine without any leaves the images' own", async () => {
  const world = createStackWorld();

  await upOf(world);

  expect(world.files.dirs.has(".stack/certificates")).toBe(false);
  expect(world.files.files.get(".stack/compose.yaml")?.text).not.toContain("certificates");
});

describe("the user's own for an MLflow elsewhere", () => {
  test("are trusted beside this machine's", async () => {
    const world = worldWith("ours\n", { "stack.yaml": elsewhere, "ca.pem": pem });

    await upOf(world);

    expect(world.files.files.get(inProject)).toEqual({ text: `${pem}ours\n`, mode: 0o644 });
    await expectUsed(world);
  });

  test("are trusted beside the public ones on a machine without any", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": elsewhere, "ca.pem": pem } });

    await upOf(world);

    expect(world.files.files.get(inProject)?.text).toBe(`${pem}public authorities\n`);
    await expectUsed(world);
  });

  test.each([
    [{}, "CONFIG_NOT_FOUND"],
    [{ "ca.pem": "not one" }, "CONFIG_INVALID"],
    [{ "ca.pem": `${pem}-----BEGIN PRIVATE KEY-----\n` }, "CONFIG_INVALID"],
  ])("are refused before anything is touched when the file holds none: %j", async (texts, code) => {
    const world = createStackWorld({ texts: { "stack.yaml": elsewhere, ...texts } });

    await expect(upOf(world)).rejects.toMatchObject({ code });
    await expect(dryRunUp(world.context())).rejects.toMatchObject({ code });

    expect(world.files.files.has(".stack/compose.yaml")).toBe(false);
  });
});
