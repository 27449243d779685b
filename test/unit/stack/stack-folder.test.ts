import { describe, expect, test } from "vitest";
import {
  ensureSecrets,
  ensureStackFolder,
  readSecrets,
  readSoundSecrets,
  readState,
  requireSecrets,
  writeIfChanged,
  writeState,
  type StackState,
} from "../../../src/stack/stack-folder.ts";
import { createFakeFiles } from "../../support/fake-files.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const state: StackState = {
  project: "housing",
  applied: "digest",
  settled: "",
  ports: { airflow: 1, mlflow: 2, s3: 3, console: 4 },
  moved: { s3: 3 },
  bucket: "mlflow",
  layout: "together",
  line: "current",
  mlflow: { mode: "local", auth: "none" },
  isStopping: false,
};

async function folder() {
  const files = createFakeFiles();
  await ensureStackFolder(files);
  return { files, randomBytes: createFakeSystem().randomBytes };
}

describe("the generated folder", () => {
  test("is open to its owner alone, and ignored by git", async () => {
    const { files } = await folder();
    expect(files.dirs.get(".stack")).toBe(0o700);
    expect(files.files.get(".stack/.gitignore")?.text).toBe("*\n");
  });

  test("is closed again when someone opened it", async () => {
    const { files } = await folder();
    files.dirs.set(".stack", 0o755);
    await ensureStackFolder(files);
    expect(files.dirs.get(".stack")).toBe(0o700);
  });

  test("is not written to again when all is there", async () => {
    const { files } = await folder();
    files.isFull = true;
    await expect(ensureStackFolder(files)).resolves.toBe(false);
  });
});

describe("state", () => {
  test("of before MLflow asked for logins means one that doesn't", async () => {
    const { files } = await folder();
    await writeState(files, state);
    const text = files.files.get(".stack/state.json")?.text ?? "";
    await files.write(".stack/state.json", text.replace(/,\s*"auth": "none"/u, ""));
    await expect(readState(files)).resolves.toEqual(state);
  });

  test("is what was written, for its owner alone", async () => {
    const { files } = await folder();
    await writeState(files, state);
    await expect(readState(files)).resolves.toEqual(state);
    expect(files.files.get(".stack/state.json")?.mode).toBe(0o600);
  });

  test("is not there before the first up", async () => {
    await expect(readState(createFakeFiles())).resolves.toBeUndefined();
  });

  test.each(["", "{", "null", "[]", "{}", '{"project": 5}', JSON.stringify({ ...state, ports: {} })])(
    "is forgotten when the file is damaged: %j",
    async (text) => {
      const { files } = await folder();
      await files.write(".stack/state.json", text);
      await expect(readState(files)).resolves.toBeUndefined();
    },
  );
});

describe("secrets", () => {
  test("are not there before the first up", async () => {
    await expect(readSecrets(createFakeFiles())).resolves.toBeUndefined();
  });

  test("are made once, for their owner alone, and stay", async () => {
    const { files, randomBytes } = await folder();
    const made = await ensureSecrets(files, randomBytes, {});
    expect(files.files.get(".stack/.env")?.mode).toBe(0o600);
    const before = files.snapshot();
    await expect(ensureSecrets(files, randomBytes, made)).resolves.toEqual(made);
    await expect(readSecrets(files)).resolves.toEqual(made);
    expect(files.snapshot()).toEqual(before);
  });

  test("that an older release didn't have are added, and the others stay", async () => {
    const { files, randomBytes } = await folder();
    const { API_SECRET, ...made } = await ensureSecrets(files, randomBytes, {});
    const completed = await ensureSecrets(files, randomBytes, made);
    expect(completed).toMatchObject(made);
    expect(completed.API_SECRET).not.toBe(API_SECRET);
  });

  test("in a damaged file are refused, but for those that can still be read", async () => {
    const { files, randomBytes } = await folder();
    const { FERNET_KEY } = await ensureSecrets(files, randomBytes, {});
    await files.write(".stack/.env", `STACK_SECRET_FERNET_KEY=${FERNET_KEY}\nSTACK_SECRET_JWT_SEC`);
    await expect(readSecrets(files)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(readSoundSecrets(files)).resolves.toEqual({ FERNET_KEY });
  });

  test("that lack one are no secrets yet", async () => {
    const { files, randomBytes } = await folder();
    await ensureSecrets(files, randomBytes, {});
    const text = files.files.get(".stack/.env")?.text ?? "";
    await files.write(".stack/.env", text.replace(/^STACK_SECRET_API_SECRET=.*\n/mu, ""));
    await expect(readSecrets(files)).resolves.toBeUndefined();
  });
});

test.each([
  ["is gone", undefined],
  ["some of the stack's secrets are missing", ""],
])("a running stack's secrets have to be there: %s", async (words, text) => {
  const { files } = await folder();
  if (text !== undefined) await files.write(".stack/.env", text);
  await expect(requireSecrets(files)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `.stack/.env: ${words}.`,
    hint: expect.stringContaining("stack up"),
  });
});

test("a file is written only when its content changes", async () => {
  const files = createFakeFiles({ "a.txt": "old" });
  await expect(writeIfChanged(files, "a.txt", "old", 0o600)).resolves.toBe(false);
  expect(files.snapshot()).toEqual({ "a.txt 644": "old" });
  await expect(writeIfChanged(files, "a.txt", "new", 0o600)).resolves.toBe(true);
  expect(files.snapshot()).toEqual({ "a.txt 600": "new" });
});
