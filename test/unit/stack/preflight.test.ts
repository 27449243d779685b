import { describe, expect, test } from "vitest";
import { isOlder } from "../../../src/stack/preflight.ts";

describe("versions", () => {
  test.each([
    ["26.1.5+dfsg1", "25.0.0", false],
    ["20.10.24", "25.0.0", true],
    ["2.26.1-4", "2.26.0", false],
    ["2.9.9", "2.26.0", true],
    ["v5.0.0-rc.1", "2.26.0", false],
    ["25", "25.0.0", false],
    ["unknown", "25.0.0", true],
  ])("%s against %s", (version, floor, expected) => {
    expect(isOlder(version, floor)).toBe(expected);
  });
});
