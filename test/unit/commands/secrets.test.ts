import { describe, expect, test } from "vitest";
import { secrets } from "../../../src/commands/secrets.ts";
import { secretNames } from "../../../src/stack/secrets.ts";
import { readSecrets } from "../../../src/stack/stack-folder.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

describe("secrets", () => {
  test("are listed by name and use, without values", async () => {
    const world = createStackWorld();
    await upOf(world);
    const entries = await secrets(world.context(), undefined);
    expect(entries.map(({ name }) => name)).toEqual(secretNames);
    expect(entries.filter((entry) => "value" in entry)).toEqual([]);
  });

  test("are listed before the first up too", async () => {
    await expect(secrets(createStackWorld().context(), undefined)).resolves.toHaveLength(secretNames.length);
  });

  test.each(["JWT_SECRET", "jwt_secret", "jwt-secret"])("are shown one by one: %s", async (name) => {
    const world = createStackWorld();
    await upOf(world);
    const known = await readSecrets(world.files);
    await expect(secrets(world.context(), name)).resolves.toEqual([
      { name: "JWT_SECRET", use: expect.any(String), value: known?.JWT_SECRET },
    ]);
  });

  test.each(["nonsense", "constructor", ""])(
    "of another name are refused, with those that there are: %j",
    async (name) => {
      await expect(secrets(createStackWorld().context(), name)).rejects.toMatchObject({
        code: "USAGE",
        message: `There is no secret named "${name}".`,
        hint: expect.stringContaining("JWT_SECRET"),
      });
    },
  );

  test("are not there before the first up, and looking makes none", async () => {
    const world = createStackWorld();
    await expect(secrets(world.context(), "JWT_SECRET")).rejects.toMatchObject({ code: "STACK_NOT_RUNNING" });
    expect(world.files.snapshot()).toEqual({});
  });
});
