import { expect, test } from "vitest";
import { executionToken } from "../../../../src/stack/probes/token.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const nowMs = Date.UTC(2026, 0, 2);
const system = createFakeSystem();

function decode(part: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(part ?? "", "base64url").toString());
}

test("the token is a JWT for a task that doesn't exist, valid by any clock that is less than a day off", () => {
  const [header, claims] = executionToken("secret", nowMs, system).split(".");
  expect(decode(header)).toMatchObject({ alg: "HS512", typ: "JWT" });
  expect(decode(claims)).toEqual({
    sub: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u),
    aud: "urn:airflow.apache.org:task",
    scope: "execution",
    iat: nowMs / 1000 - 86_400,
    nbf: nowMs / 1000 - 86_400,
    exp: nowMs / 1000 + 86_400,
  });
});

test("it is signed with the secret over what it says", () => {
  const token = executionToken("secret", nowMs, system);
  const at = token.lastIndexOf(".");
  expect(token.slice(at + 1)).toBe(system.sign("secret", token.slice(0, at)));
  expect(token).toMatch(/^[\w.-]+$/u);
});
