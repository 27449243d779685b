import { afterAll, describe, expect, test } from "vitest";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import { describeAirflowContract } from "../contract/airflow-contract.ts";
import { describeMlflowContract } from "../contract/mlflow-contract.ts";
import { describeObjectStoreContract } from "../contract/object-store-contract.ts";
import type { LiveStack } from "../support/live-stack.ts";
import { liveAirflow, liveMlflow, liveObjectStore } from "../support/live-worlds.ts";
import { createTestProject, type TestProject } from "../support/test-project.ts";

/* The adapters against the real services, by the same suites that the fakes pass. */
let project: TestProject | undefined;

async function start(): Promise<LiveStack> {
  project ??= await createTestProject("contract");
  const { ports, secret, path } = project;
  expect((await project.stack("up")).status).toBe(0);
  const { json } = await project.stackJson<SeedResult>("seed", "--no-run");
  expect(json.dags).toMatchObject([{ dagId: "mlflow_tutorial_dag", placement: "copied" }]);
  expect(json.dags[0]).not.toHaveProperty("run");
  return {
    airflow: {
      url: `http://127.0.0.1:${ports.airflow}`,
      username: "admin",
      password: await secret("AIRFLOW_ADMIN_PASSWORD"),
    },
    mlflow: { url: `http://127.0.0.1:${ports.mlflow}` },
    s3: {
      endpoint: `http://127.0.0.1:${ports.s3}`,
      accessKeyId: await secret("MINIO_ROOT_USER"),
      secretAccessKey: await secret("MINIO_ROOT_PASSWORD"),
      region: "us-east-1",
    },
    bucket: "mlflow",
    dagsDir: path("dags"),
  };
}

let starting: Promise<LiveStack> | undefined;
const live = async (): Promise<LiveStack> => await (starting ??= start());

describeAirflowContract("the real one", async () => liveAirflow(await live()));
describeMlflowContract("the real one", async () => liveMlflow(await live()));
describeObjectStoreContract("the real one", async () => liveObjectStore(await live()));

describe("afterwards", () => {
  test("the secrets that clients use are printed only when asked for", async () => {
    const { json } = (await project?.stackJson<{ name: string; value?: string }[]>("secrets")) ?? {
      json: [],
    };
    expect(json.map(({ name }) => name)).toContain("AIRFLOW_ADMIN_PASSWORD");
    expect(json.filter(({ value }) => value !== undefined)).toEqual([]);
    const asked = await project?.stack("secrets", "AIRFLOW_ADMIN_PASSWORD");
    expect(asked?.stdout.trim()).toBe(await project?.secret("AIRFLOW_ADMIN_PASSWORD"));
  });
});

afterAll(async () => {
  await project?.dispose();
});
