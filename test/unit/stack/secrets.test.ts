import { describe, expect, test } from "vitest";
import {
  completeSecrets,
  isGiven,
  isWhole,
  parseSecrets,
  renderSecrets,
  secretNames,
  secretRef,
  secretTable,
  soundSecretsIn,
} from "../../../src/stack/secrets.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const parse = (text: string) => parseSecrets(text, ".stack/.env");
const { randomBytes } = createFakeSystem();
const secrets = completeSecrets({}, randomBytes);
const generated = secretNames.filter((name) => !isGiven(name));

describe("generated secrets", () => {
  test("are complete and all different", () => {
    expect(Object.keys(secrets).toSorted()).toEqual([...secretNames].toSorted());
    expect(new Set(Object.values(secrets)).size).toBe(secretNames.length);
  });

  test.each(generated)(
    "%s has no character that a URL, SQL, a shell or an env file reads in its own way",
    (name) => {
      const isFernet = secretTable[name].form === "fernet";
      expect(secrets[name]).toMatch(isFernet ? /^[\w-]{43}=$/u : /^[0-9a-f]+$/u);
    },
  );

  test("fit what MinIO takes: names of 3 to 20 characters, keys of 8 to 40", () => {
    expect(secrets.MINIO_ROOT_USER.length).toBeLessThanOrEqual(20);
    expect(secrets.S3_ACCESS_KEY.length).toBeLessThanOrEqual(20);
    expect(secrets.S3_SECRET_KEY.length).toBeLessThanOrEqual(40);
  });

  test.each(generated)("%s has 80 bits at least", (name) => {
    expect(secrets[name].length * 4).toBeGreaterThanOrEqual(80);
  });

  test("the Fernet key is 32 bytes", () => {
    expect(Buffer.from(secrets.FERNET_KEY, "base64url")).toHaveLength(32);
  });

  test("are others for another stack", () => {
    const others = completeSecrets({}, randomBytes);
    expect(generated.filter((name) => Object.values(secrets).includes(others[name]))).toEqual([]);
  });
});

test("secrets that are there never change, and those that lack are made", () => {
  const { JWT_SECRET: _, ...known } = secrets;
  const completed = completeSecrets(known, randomBytes);
  expect(completed).toMatchObject(known);
  expect(completed.JWT_SECRET).toMatch(/^[0-9a-f]{64}$/u);
  expect(completed.JWT_SECRET).not.toBe(secrets.JWT_SECRET);
});

test("the file's text is read again as the same secrets", () => {
  expect(parse(renderSecrets(secrets))).toEqual(secrets);
});

test("the compose file refers to a secret by the variable in the file", () => {
  expect(secretRef("JWT_SECRET")).toBe("${STACK_SECRET_JWT_SECRET}");
  expect(renderSecrets(secrets)).toContain(`\nSTACK_SECRET_JWT_SECRET=${secrets.JWT_SECRET}\n`);
});

test.each(["", "\n \n", "# a comment\n", "STACK_SECRET_API_SECRET=ab\r\n"])(
  "a harmless text is read: %j",
  (text) => {
    expect(() => parse(text)).not.toThrow();
  },
);

test.each([
  ["STACK_SECRET_API_SECRET=\n", 1],
  ["STACK_SECRET_API_SECRET=ab\nSTACK_SECRET_JWT_SEC", 2],
  ["\nAPI_SECRET=ab\n", 2],
  ["STACK_SECRET_NOT_OURS=ab\n", 1],
  ["STACK_SECRET_constructor=ab\n", 1],
  ["STACK_SECRET_API_SECRET=a b\n", 1],
  ["STACK_SECRET_API_SECRET='ab'\n", 1],
  ["STACK_SECRET_API_SECRET=a$b\n", 1],
  ["export STACK_SECRET_API_SECRET=ab\n", 1],
])("a damaged file is refused by its line, without showing what is in it: %j", (text, line) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: `.stack/.env:${line}: the secrets file was changed or cut off there.`,
      hint: expect.stringContaining("stack up"),
    }),
  );
});

describe("what is sound of a damaged file", () => {
  test("is all of a whole one", () => {
    expect(soundSecretsIn(renderSecrets(secrets))).toEqual(secrets);
    expect(soundSecretsIn(renderSecrets(secrets).replaceAll("\n", "\r\n"))).toEqual(secrets);
  });

  test("is each line that has what a service takes", () => {
    const text = `STACK_SECRET_API_SECRET=0123456789\nnonsense\n STACK_SECRET_JWT_SECRET=0123456789\nSTACK_SECRET_S3_SECRET_KEY=a`;
    expect(soundSecretsIn(text)).toEqual({ API_SECRET: "0123456789" });
  });

  test("is never half of a Fernet key", () => {
    expect(soundSecretsIn(`STACK_SECRET_FERNET_KEY=${secrets.FERNET_KEY.slice(0, 30)}`)).toEqual({});
  });

  test("is whole without what only the user can give", () => {
    const { MLFLOW_ELSEWHERE_PASSWORD: _given, ...made } = secrets;
    expect(isWhole(made)).toBe(true);
    const { JWT_SECRET: _lost, ...others } = made;
    expect(isWhole(others)).toBe(false);
  });
});

describe("a secret that the user gives", () => {
  const given = { ...secrets, MLFLOW_ELSEWHERE_PASSWORD: `it's "q" $x \\ #` };

  test("may have any character, and is read again as it was", () => {
    expect(parse(renderSecrets(given))).toEqual(given);
  });

  test("is there a second time as a part of a JSON text", () => {
    expect(renderSecrets({ ...secrets, MLFLOW_ELSEWHERE_PASSWORD: 'a"b' })).toContain(
      `_PASSWORD_JSON='a\\"b'\n`,
    );
  });

  test("is none until it is given", () => {
    expect(secrets.MLFLOW_ELSEWHERE_PASSWORD).toBe("");
  });
});
