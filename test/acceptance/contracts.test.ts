import { afterAll, describe, expect, test } from "vitest";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import { describeAirflowContract } from "../contract/airflow-contract.ts";
import { describeMlflowContract } from "../contract/mlflow-contract.ts";
import { describeObjectStoreContract } from "../contract/object-store-contract.ts";
import { liveStackOf, type LiveStack } from "../support/live-stack.ts";
import { liveAirflow, liveMlflow, liveObjectStore } from "../support/live-worlds.ts";
import { createTestProject, type TestProject } from "../support/test-project.ts";

/* The adapters against the real services, by the same suites that the fakes pass. */
let project: TestProject | undefined;

async function start(): Promise<LiveStack> {
  project ??= await createTestProject("contract");
  expect((await project.stack("up")).status).toBe(0);
  const { json } = await project.stackJson<SeedResult>("seed", "--no-run");
  expect(json.dags).toMatchObject([{ dagId: "mlflow_tutorial_dag", placement: "copied" }]);
  expect(json.dags[0]).not.toHaveProperty("run");
  return await liveStackOf(project);
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
