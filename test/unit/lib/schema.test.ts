import { describe, expect, test } from "vitest";
import { parseShape, v } from "../../../src/lib/schema.ts";

const runSchema = v.object({
  state: v.picklist(["success", "failed"]),
  tries: v.array(v.object({ id: v.number() })),
});

describe("parseShape", () => {
  test("returns the value as the schema's output", () => {
    const run = { state: "success", tries: [{ id: 1 }] };
    expect(parseShape(runSchema, { ...run, extra: true }, "The DAG run")).toEqual(run);
  });

  test("names the value, and the path and expectation of every problem", () => {
    const parse = () => parseShape(runSchema, { state: "late", tries: [{ id: "1" }] }, "The DAG run");
    expect(parse).toThrow(
      'The DAG run does not have the expected form: state: Invalid type: Expected ("success" | "failed") but received "late"; ' +
        'tries.0.id: Invalid type: Expected number but received "1".',
    );
  });

  test("is a bug of ours unless the caller says whose fault it is", () => {
    expect(() => parseShape(v.string(), 1, "The id")).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    expect(() => parseShape(v.string(), 1, "The id", "AIRFLOW_REFUSED")).toThrow(
      expect.objectContaining({ code: "AIRFLOW_REFUSED" }),
    );
  });
});
