import { expect, test } from "vitest";
import { dryRunUp } from "../../../src/commands/up.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

const bundle = "/etc/ssl/certs/ca-certificates.crt";
const inProject = ".stack/certificates/ca-certificates.crt";

function worldWith(text: string): StackWorld {
  const world = createStackWorld();
  world.caFile = bundle;
  world.files.outside.set(bundle, text);
  return world;
}

test("tasks go by this machine's certificate authorities", async () => {
  const world = worldWith("ours");

  await upOf(world);

  expect(world.files.files.get(inProject)).toEqual({ text: "ours", mode: 0o644 });
  const compose = world.files.files.get(".stack/compose.yaml")?.text;
  expect(compose).toContain(`source: ${world.files.dir}/.stack/certificates`);
  expect(compose).toContain("REQUESTS_CA_BUNDLE: /opt/airflow/certificates/ca-certificates.crt");
  expect(compose).toContain("SSL_CERT_FILE: /opt/airflow/certificates/ca-certificates.crt");
  expect(await dryRunUp(world.context())).toBe(compose);
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
