import { expect, test } from "vitest";
import { unwritable } from "../../../src/adapters/project-unwritable.ts";

const failing = (code: string): Error => Object.assign(new Error(`${code}: words of Node`), { code });

test.each([
  ["EROFS", "read-only", "findmnt --target /p/.stack"],
  ["ENOSPC", "is full", "df -h /p/.stack"],
  ["EDQUOT", "quota", "df -h /p/.stack"],
  ["EACCES", "may not write", 'chown -R "$(id -u):$(id -g)" /p/.stack`'],
  ["EPERM", "doesn't permit", "chattr -i /p/.stack/state.json"],
  ["EBUSY", "mounted there", "umount /p/.stack/state.json"],
])("%s is told as %s, with what helps", (code, words, command) => {
  const error = unwritable(".stack/state.json", "/p/.stack/state.json", failing(code));
  expect(error).toMatchObject({
    code: "FILE_UNWRITABLE",
    facts: { path: ".stack/state.json", reason: code },
  });
  expect(error.message).toMatch(/^\.stack\/state\.json can't be written: /u);
  expect(error.message).toContain(words);
  expect(error.message).toContain(`(${code}, /p/.stack/state.json)`);
  expect(error.hint).toContain(command);
});

test("what nobody has words for is told in the system's own", () => {
  const error = unwritable("a", "/p/a", failing("EIO"));
  expect(error.message).toBe("a can't be written: EIO: words of Node.");
  expect(error.hint).toBe("Have this user be able to write there, and run the command again.");
});

test("a command of a hint takes any path", () => {
  const { hint } = unwritable("a", "/my stack's/a", failing("ENOSPC"));
  expect(hint).toContain(String.raw`df -h '/my stack'\''s'`);
});
