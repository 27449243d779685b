import { expect, test } from "vitest";
import { renderFaults } from "../support/fault-table.ts";

test("faults are a table", () => {
  const faults = [
    { fault: "postgres killed", shown: "SERVICE_UNHEALTHY: it exited", namedAfterMs: 1240, after: "proven" },
    { fault: "`up` killed", after: "proven" },
  ];
  expect(renderFaults(faults)).toBe(
    [
      "| fault | what was shown | seconds until it was named | state afterwards |",
      "| --- | --- | --- | --- |",
      "| postgres killed | SERVICE_UNHEALTHY: it exited | 1.2 | proven |",
      "| `up` killed |  |  | proven |",
    ].join("\n"),
  );
});

test("words with lines and bars of their own stay in their cell", () => {
  const shown = `two settings:\n  a | b ${"x".repeat(300)}`;
  expect(renderFaults([{ fault: "f", shown, after: "" }]).split("\n")[2]).toBe(
    String.raw`| f | two settings: a \| b ${"x".repeat(220)}... |  |  |`,
  );
});
