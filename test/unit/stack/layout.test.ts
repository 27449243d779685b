import { expect, test } from "vitest";
import { airflowServices, effectiveLayout, layoutNote } from "../../../src/stack/layout.ts";
import { defaultSpec } from "../../../src/stack/spec.ts";

const spec = defaultSpec("housing");
const together = { ...spec, airflow: { ...spec.airflow, layout: "together" } } as const;
const separate = { ...spec, airflow: { ...spec.airflow, layout: "separate" } } as const;

test("the layout is the setting, unless the image has no launcher", () => {
  expect(effectiveLayout(together)).toBe("together");
  expect(effectiveLayout(separate)).toBe("separate");
  expect(effectiveLayout({ ...together, images: { airflow: "apache/airflow:3.3.2" } })).toBe("separate");
  expect(effectiveLayout({ ...together, images: { mlflow: "mlflow:1" } })).toBe("together");
});

test("the services that serve the API and run tasks go by the layout", () => {
  expect(airflowServices(together)).toEqual({ api: "airflow", scheduler: "airflow" });
  expect(airflowServices(separate)).toEqual({ api: "airflow-api-server", scheduler: "airflow-scheduler" });
});

test("it is said when the image decided the layout, and only then", () => {
  const official = { images: { airflow: "apache/airflow:3.3.2" } };
  expect(layoutNote({ ...together, ...official })).toContain("apache/airflow:3.3.2");
  expect(layoutNote({ ...separate, ...official })).toBeUndefined();
  expect(layoutNote({ ...together, images: { mlflow: "mlflow:1" } })).toBeUndefined();
});
