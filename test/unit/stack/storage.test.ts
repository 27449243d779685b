import { describe, expect, test } from "vitest";
import { reportBucket, reportStorage } from "../../../src/stack/storage.ts";
import { createFakeObjectStore } from "../../support/fake-object-store.ts";

const runId = "ea0e773a3e5a4372b9f54f19202a8c8d";
const object = (key: string, bytes = 1, modifiedAt = "2026-01-01T00:00:00Z") => ({ key, bytes, modifiedAt });

describe("a bucket's report", () => {
  test("counts its objects and names the newest", () => {
    const newest = object("b", 20, "2026-01-03T00:00:00Z");
    const report = reportBucket("mlflow", [object("a", 10, "2026-01-02T00:00:00Z"), newest, object("c", 30)]);
    expect(report).toMatchObject({ bucket: "mlflow", objects: 3, bytes: 60, newest });
  });

  test("of an empty bucket has nothing to name", () => {
    expect(reportBucket("mlflow", [])).toEqual({
      bucket: "mlflow",
      objects: 0,
      bytes: 0,
      newest: undefined,
      topPrefixes: [],
    });
  });

  test.each([
    [`housing/${runId}/artifacts/features.csv`, `housing/${runId}/`],
    ["housing/models/m-1/artifacts/MLmodel", "housing/models/"],
    [`3/${runId}/artifacts/scaler/MLmodel`, `3/${runId}/`],
    ["landing/2026/01/rows.csv", "landing/"],
    ["landing/models", "landing/"],
    ["rows.csv", ""],
  ])("counts %s under %s", (key, prefix) => {
    expect(reportBucket("mlflow", [object(key, 7)]).topPrefixes).toEqual([{ prefix, objects: 1, bytes: 7 }]);
  });

  test("shows the five prefixes that hold most, the largest first", () => {
    const objects = ["a", "b", "c", "d", "e", "f", "g"].map((name, index) =>
      object(`${name}/x`, 10 + (index % 3)),
    );
    const { topPrefixes } = reportBucket("mlflow", objects);
    expect(topPrefixes.map(({ prefix }) => prefix)).toEqual(["c/", "f/", "b/", "e/", "a/"]);
  });
});

test("a store's report has every bucket, by name", async () => {
  const store = createFakeObjectStore(["mlflow", "data"]);
  store.put("mlflow", "a/x", "12345");
  const { buckets } = await reportStorage(store);
  expect(buckets).toMatchObject([
    { bucket: "data", objects: 0 },
    { bucket: "mlflow", objects: 1, bytes: 5 },
  ]);
});
