import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderStorage } from "../../../../src/output/text/storage.ts";

const paint = createPaint(false);
const nowMs = Date.parse("2026-01-02T00:10:00Z");

test("a bucket is shown with what takes the space in it", () => {
  const newest = { key: "housing/x/MLmodel", bytes: 10, modifiedAt: "2026-01-02T00:08:00Z" };
  const topPrefixes = [
    { prefix: "housing/models/", objects: 5, bytes: 9_284 },
    { prefix: "", objects: 1, bytes: 12 },
  ];
  const report = { buckets: [{ bucket: "mlflow", objects: 6, bytes: 9_296, newest, topPrefixes }] };
  expect(renderStorage(report, paint, nowMs).split("\n")).toEqual([
    "Buckets",
    "  mlflow  6 objects, 9.1 KiB, newest 2 min ago: housing/x/MLmodel",
    "    housing/models/  9.1 KiB  5 objects",
    "    (top level)      12 B     1 object",
  ]);
});

test("an empty bucket and an empty store say so", () => {
  const empty = { bucket: "data", objects: 0, bytes: 0, newest: undefined, topPrefixes: [] };
  expect(renderStorage({ buckets: [empty] }, paint, nowMs)).toBe("Buckets\n  data  empty");
  expect(renderStorage({ buckets: [] }, paint, nowMs)).toBe("Buckets\n  none");
});
