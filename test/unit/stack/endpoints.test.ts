import { expect, test } from "vitest";
import { endpointsOf, endpointsOfService } from "../../../src/stack/endpoints.ts";
import { defaultSpec } from "../../../src/stack/spec.ts";

const endpoints = endpointsOf({
  ...defaultSpec("housing"),
  ports: { airflow: 1001, mlflow: 1002, s3: 1003, console: 1004 },
});

test("endpoints are on this machine, at the spec's ports", () => {
  expect(endpoints).toEqual({
    airflow: "http://localhost:1001",
    mlflow: "http://localhost:1002",
    console: "http://localhost:1004",
    s3: "http://localhost:1003",
  });
});

test.each([
  ["airflow", ["http://localhost:1001"]],
  ["airflow-api-server", ["http://localhost:1001"]],
  ["mlflow", ["http://localhost:1002"]],
  ["minio", ["http://localhost:1004", "http://localhost:1003"]],
  ["postgres", []],
])("the service %s answers at %j", (service, urls) => {
  expect(endpointsOfService(service, endpoints)).toEqual(urls);
});
