import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderProve } from "../../../../src/output/text/prove.ts";

test("a proof tells how long it took and what came back", () => {
  const proof = { verifiedMs: 4321, runId: "r1", bytes: 4096, checksum: "0123456789abcdef".repeat(4) };
  expect(renderProve(proof, createPaint(false))).toBe(
    "pipeline verified in 4.3 s\n4.0 KiB went through Airflow, MLflow and the bucket and came back with SHA-256 0123456789ab…",
  );
});
