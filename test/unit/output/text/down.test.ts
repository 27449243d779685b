import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderDown } from "../../../../src/output/text/down.ts";

function render(removed: readonly [number, number, number], keptVolumes: readonly string[] = []): string {
  const [containers, networks, volumes] = removed;
  return renderDown(
    { project: "housing", removed: { containers, networks, volumes }, keptVolumes },
    createPaint(false),
  );
}

test("what was removed is counted, and what stays is told", () => {
  expect(render([4, 1, 0], ["housing_data"])).toBe(
    [
      "The stack housing is down: removed 4 containers, 1 network.",
      "Its data stays for the next `stack up`; `stack down --volumes` deletes it.",
    ].join("\n"),
  );
});

test("when the data went too, nothing stays", () => {
  expect(render([1, 1, 5])).toBe("The stack housing is down: removed 1 container, 1 network, 5 volumes.");
});

test("a stack that was down is told as that, with the data that it has", () => {
  expect(render([0, 0, 0])).toBe("The stack housing was down already.");
  expect(render([0, 0, 0], ["housing_data"])).toMatch(
    /^The stack housing was down already\.\nIts data stays/u,
  );
});
