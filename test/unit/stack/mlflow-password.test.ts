import { describe, expect, test } from "vitest";
import { findMlflowPassword } from "../../../src/stack/mlflow-password.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

const settings = (more = "") =>
  `project: housing\nmlflow: { mode: remote, url: 'https://mlflow.example', login: alice${more} }\n`;

function worldWith(texts: Readonly<Record<string, string>> = { "stack.yaml": settings() }): StackWorld {
  return createStackWorld({ texts });
}
async function find(world: StackWorld): Promise<string> {
  const askSecret = async () => world.typed;
  return await findMlflowPassword(await world.project(), { env: world.env, files: world.files, askSecret });
}

describe("the password for an MLflow elsewhere", () => {
  test("is nothing for the stack's own, and for one without a login", async () => {
    await expect(find(worldWith({}))).resolves.toBe("");
    const open = "mlflow: { mode: remote, url: 'https://mlflow.example' }\n";
    await expect(find(worldWith({ "stack.yaml": open }))).resolves.toBe("");
  });

  test("comes from the environment before the file, and from the file without its line end", async () => {
    const world = worldWith({
      "stack.yaml": settings(", password_file: secret.txt"),
      "secret.txt": "of file\r\n",
    });
    await expect(find(world)).resolves.toBe("of file");
    world.env["STACK_MLFLOW_PASSWORD"] = "of env";
    await expect(find(world)).resolves.toBe("of env");
  });

  test("may lie in a file elsewhere on the machine", async () => {
    const world = worldWith({ "stack.yaml": settings(", password_file: /run/secrets/mlflow") });
    world.files.outside.set("/run/secrets/mlflow", "of the system\n");
    await expect(find(world)).resolves.toBe("of the system");
  });

  test("is asked for when nothing gives it", async () => {
    const world = worldWith();
    world.typed = "typed";
    await expect(find(world)).resolves.toBe("typed");
  });

  test("is remembered for the place that it was given for, and for no other", async () => {
    const world = worldWith();
    world.env["STACK_MLFLOW_PASSWORD"] = `it's "new"`;
    await upOf(world);
    delete world.env["STACK_MLFLOW_PASSWORD"];
    await expect(find(world)).resolves.toBe(`it's "new"`);
    world.files.files.set("stack.yaml", { text: settings().replace("example", "evil.example"), mode: 0o644 });
    await expect(find(world)).rejects.toMatchObject({ code: "MLFLOW_PASSWORD_MISSING" });
    world.files.files.set("stack.yaml", { text: settings().replace("alice", "bob"), mode: 0o644 });
    await expect(find(world)).rejects.toMatchObject({ code: "MLFLOW_PASSWORD_MISSING" });
  });

  test("is forgotten when the stack has its own MLflow again", async () => {
    const world = worldWith();
    world.env["STACK_MLFLOW_PASSWORD"] = "new password";
    await upOf(world);
    world.files.files.set("stack.yaml", { text: "project: housing\n", mode: 0o644 });
    await upOf(world);
    expect(Object.values(world.files.snapshot()).join("\n")).not.toContain("new password");
  });

  test.each([
    [{ "stack.yaml": settings() }, "MLFLOW_PASSWORD_MISSING", "STACK_MLFLOW_PASSWORD"],
    [{ "stack.yaml": settings(", password_file: no.txt") }, "CONFIG_NOT_FOUND", "STACK_MLFLOW_PASSWORD"],
    [
      { "stack.yaml": settings(", password_file: two.txt"), "two.txt": "a\nb\n" },
      "CONFIG_INVALID",
      "as one line",
    ],
  ])("that is missing or no password is refused: %j", async (texts, code, hint) => {
    await expect(find(worldWith(texts))).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
  });
});
