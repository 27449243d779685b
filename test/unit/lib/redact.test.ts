import { expect, test } from "vitest";
import { createRedactor } from "../../../src/lib/redact.ts";

test("masks every occurrence of every secret", () => {
  const redact = createRedactor(["hunter2hunter2", "s3cr3t-key"]);
  expect(redact("hunter2hunter2, s3cr3t-key and hunter2hunter2")).toBe("***, *** and ***");
});

test("masks a secret that is URL-encoded", () => {
  const redact = createRedactor(["p@ss word/1"]);
  expect(redact("postgresql://u:p%40ss%20word%2F1@db and ?password=p%40ss+word%2F1")).toBe(
    "postgresql://u:***@db and ?password=***",
  );
});

test("masks a secret inside JSON", () => {
  const secret = 'quote"back\\slash';
  expect(createRedactor([secret])(JSON.stringify({ password: secret }))).toBe('{"password":"***"}');
});

test("masks the longer of two secrets that share a beginning as a whole", () => {
  expect(createRedactor(["abcdef", "abcdefghij"])("abcdefghij abcdef")).toBe("*** ***");
});

test("leaves short and empty secrets alone, which would mangle ordinary words", () => {
  expect(createRedactor(["admin", ""])("the admin user")).toBe("the admin user");
});

test("reads a secret as text, not as a pattern", () => {
  expect(createRedactor(["a.c$&d*"])("a.c$&d* abc$&d*")).toBe("*** abc$&d*");
});
