import { expect, test } from "vitest";
import { readUserAuthorities } from "../../../src/stack/certificates.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

const pem = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
const settings =
  "project: housing\nmlflow: { mode: remote, url: 'https://mlflow.example', ca_file: ca.pem }\n";

test("the user's authorities are trusted in containers beside the public ones", async () => {
  const world = createStackWorld({ texts: { "stack.yaml": settings, "ca.pem": pem } });
  await upOf(world);
  const file = world.files.files.get(".stack/certificates/trusted.pem");
  expect(file).toEqual({ text: `${pem}public authorities\n`, mode: 0o644 });
  // Airflow's user has to get at it, through a folder of its own.
  expect(world.files.dirs.get(".stack/certificates")).toBe(0o755);
});

test("there is no such file where nobody asks for one", async () => {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  await upOf(world);
  expect([...world.files.files.keys()].filter((path) => path.includes("certificates"))).toEqual([]);
});

test.each([
  [{}, "CONFIG_NOT_FOUND"],
  [{ "ca.pem": "not one" }, "CONFIG_INVALID"],
  [{ "ca.pem": `${pem}-----BEGIN PRIVATE KEY-----\n` }, "CONFIG_INVALID"],
])("a file that isn't one of certificates is refused: %j", async (texts, code) => {
  const world = createStackWorld({ texts: { "stack.yaml": settings, ...texts } });
  const { spec } = await world.project();
  await expect(readUserAuthorities(spec, world.files)).rejects.toMatchObject({ code });
  await expect(upOf(world)).rejects.toMatchObject({ code });
});
