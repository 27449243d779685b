import { expect, test } from "vitest";
import { runtimeOf } from "../../../../src/stack/layer/astro-runtime.ts";

test.each([
  ["quay.io/astronomer/astro-runtime:9.1.0", "Astro Runtime 9.1.0", "2.7"],
  ["quay.io/astronomer/astro-runtime:12.8.0-python-3.11-base", "Astro Runtime 12.8.0", "2.10"],
  ["astronomer/astro-runtime:13.2.0", "Astro Runtime 13.2.0", "2.11"],
  ["astrocrpublic.azurecr.io/runtime:3.1-4", "Astro Runtime 3.1-4", "3.1"],
  ["astrocrpublic.azurecr.io/runtime:3.0-1-base", "Astro Runtime 3.0-1", "3.0"],
  ["apache/airflow:2.9.1-python3.11", "Airflow image 2.9.1", "2.9"],
  ["docker.io/apache/airflow:3.1.0", "Airflow image 3.1.0", "3.1"],
  ["apache/airflow:slim-latest", "Airflow image slim-latest", undefined],
  [`quay.io/astronomer/astro-runtime@sha256:${"a".repeat(64)}`, "Astro Runtime", undefined],
])("%s is %s", (reference, name, airflow) => {
  expect(runtimeOf(reference)).toEqual({ name, airflow });
});

test.each(["python:3.12", "me/astro-runtime:9.1.0", "registry.example/airflow:3.1", "", "scratch"])(
  "%j is neither Astro's nor Airflow's",
  (reference) => {
    expect(runtimeOf(reference)).toBeUndefined();
  },
);
