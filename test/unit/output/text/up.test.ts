import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderProve } from "../../../../src/output/text/prove.ts";
import { renderUp } from "../../../../src/output/text/up.ts";
import type { UpResult } from "../../../../src/stack/up.ts";

const result: UpResult = {
  project: "housing",
  changed: true,
  composeFile: ".stack/compose.yaml",
  builtImages: [],
  services: ["postgres", "minio", "mlflow", "airflow"].map((service) => ({ service, state: "healthy" })),
  probes: [],
  endpoints: {
    airflow: "http://localhost:8080",
    mlflow: "http://localhost:5000",
    console: "http://localhost:9001",
    s3: "http://localhost:9000",
  },
  mlflowUser: "admin",
  movedPorts: [],
  elapsedMs: 12_345,
};
const render = (change: Partial<UpResult> = {}) => renderUp({ ...result, ...change }, createPaint(false));

test("a start tells how long it took, and where everything is", () => {
  expect(render()).toMatchInlineSnapshot(`
    "The stack housing is up after 12.3 s: 4 services healthy.
      Airflow        http://localhost:8080  user admin, password: stack secrets AIRFLOW_ADMIN_PASSWORD
      MLflow         http://localhost:5000  user admin, password: stack secrets MLFLOW_ADMIN_PASSWORD
      MinIO console  http://localhost:9001  user and password: stack secrets MINIO_ROOT_USER, ... MINIO_ROOT_PASSWORD
      S3             http://localhost:9000"
  `);
});

test("an MLflow without logins names no user", () => {
  expect(render({ mlflowUser: undefined })).toMatch(/localhost:5000\n/u);
});

test("an up that changed nothing says so", () => {
  expect(render({ changed: false, elapsedMs: 800 }).split("\n")[0]).toBe(
    "The stack housing was up already; nothing changed (checked in 800 ms).",
  );
});

test("no secret is shown, only the command that shows it", () => {
  expect(render()).toContain("stack secrets AIRFLOW_ADMIN_PASSWORD");
});

test("a start that was proven ends with the proof, and another with none", () => {
  const proof = { verifiedMs: 4321, runId: "r1", bytes: 4096, checksum: "0123456789abcdef".repeat(4) };
  expect(render({ proof }).split("\n").slice(-2)).toEqual(renderProve(proof, createPaint(false)).split("\n"));
  expect(render({ proof })).toContain("\npipeline verified in 4.3 s\n");
  expect(render()).not.toContain("verified");
});
