import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { airflowLayouts } from "../../src/stack/layout.ts";
import type { PauseResult, ResumeResult } from "../../src/stack/pause.ts";
import type { ProveResult } from "../../src/stack/prove/prove.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import type { TimingsReport } from "../../src/stack/timings.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { noteShown, recordFault } from "../support/fault-log.ts";
import { layoutFacts, layoutsToTry } from "../support/layouts.ts";
import { docker } from "../support/run.ts";
import { callServices } from "../support/services.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";

/* Faults that leave every container healthy: `up` has to find them by calling, and to name them. */
describe.each(airflowLayouts)(
  "a stack whose containers are all healthy, Airflow's components %s",
  (layout) => {
    const { scheduler, triggerer, running, completed } = layoutFacts[layout];
    let project: TestProject;

    const configure = async (more = ""): Promise<void> => {
      const text = settingsText(project.name, project.ports, `airflow: { layout: ${layout} }\n${more}`);
      await writeFile(project.path("stack.yaml"), text);
    };
    const expectFault = async (hop: string, cause: string): Promise<Failure> => {
      const beganMs = Date.now();
      const { status, json } = await project.stackJson("up");
      noteShown(`${json.error.code}: ${json.error.message}`, Date.now() - beganMs);
      expect(json.error.code).toBe("PROBE_FAILED");
      expect(json.error.facts).toMatchObject({
        hops: expect.arrayContaining([hop]) as string[],
        causes: expect.arrayContaining([cause]) as string[],
      });
      expect(json.error.hint).not.toBe("");
      expect(status).toBe(4);
      return json;
    };
    const expectHealed = async (fault?: string): Promise<void> => {
      const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("up");
      expect(json.error).toBeUndefined();
      expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
      expect(status).toBe(0);
      if (fault === undefined) return;
      recordFault({
        fault: `${fault} (Airflow's components ${layout})`,
        after: `\`up\` proves all ${json.probes.length} hops`,
      });
    };
    const mc = async (...args: string[]): Promise<string> => {
      const root = `http://${await project.secret("MINIO_ROOT_USER")}:${await project.secret("MINIO_ROOT_PASSWORD")}@127.0.0.1:9000`;
      const minio = await project.containerOf("minio");
      return await docker(
        "exec",
        "--env",
        `MC_HOST_root=${root}`,
        "--env",
        "MC_CONFIG_DIR=/tmp/mc",
        minio,
        "mc",
        ...args,
      );
    };

    beforeAll(async () => {
      project = await createTestProject("faults");
      await configure();
      await expectHealed();
    });
    afterAll(async () => {
      await project.dispose();
    });

    test("is proven by a pipeline that leaves nothing behind", async () => {
      const { status, json } = await project.stackJson<ProveResult>("prove");
      expect(json).toMatchObject({
        bytes: 4096,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
      });
      expect(status).toBe(0);

      const services = await callServices(project);
      expect(await services.airflow<{ total_entries: number }>("dags")).toMatchObject({ total_entries: 0 });
      const { experiments } = await services.mlflow<{ experiments: { name: string }[] }>(
        "experiments/search",
        {
          max_results: 100,
          view_type: "ALL",
        },
      );
      expect(experiments.map(({ name }) => name)).toEqual(["Default"]);
      expect(await mc("ls", "--recursive", "root/mlflow")).toBe("");
      expect(await project.leftovers()).toHaveLength(running + completed.length + 5 + 2);
    });

    test("tells where the time of its start went", async () => {
      const { json } = await project.stackJson<TimingsReport>("timings");
      expect(json.last.phases.map(({ name }) => name)).toContain("mlflow");
      expect(json.criticalPath.at(-1)).toBe("probes");
    });

    test("is frozen by pause, and back within seconds after resume", async () => {
      expect((await project.stackJson<PauseResult>("pause")).json.paused).toHaveLength(running);
      const paused = await project.stackJson<StatusReport & Failure>("status");
      expect(paused.json).toMatchObject({ state: "paused", error: { code: "STACK_PAUSED" } });
      expect(paused.status).toBe(4);

      const { status, json } = await project.stackJson<ResumeResult>("resume");
      expect(json.resumed).toHaveLength(running);
      expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
      expect(status).toBe(0);
      expect((await project.stack("status")).status).toBe(0);
    });

    test("is brought back by up, too, when it was paused", async () => {
      await project.stack("pause");
      await expectHealed("paused, then `up`");
    });

    test("is brought back by up when a container of it was removed while it was paused", async () => {
      await project.stack("pause");
      await docker("rm", "--force", await project.containerOf(triggerer));
      await expectHealed(`${triggerer} removed while the stack was paused`);
    });

    test("fails up when its bucket was deleted", async () => {
      await mc("rb", "--force", "root/mlflow");
      await expectFault("airflow -> s3", "bucket-missing");
      await expectHealed("bucket deleted");
    });

    // This one and the connection's have all of Airflow start anew, twice.
    test.runIf(layoutsToTry.includes(layout))("fails up when the tasks' S3 secret was rotated", async () => {
      await mc("admin", "user", "add", "root", await project.secret("S3_ACCESS_KEY"), "another-secret-key");
      await expectFault("airflow -> s3", "bad-credentials");
      await project.stack("down");
      await expectHealed("the tasks' S3 secret replaced");
    });

    test("fails up when MLflow's database role is locked", async () => {
      const postgres = await project.containerOf("postgres");
      const psql = async (sql: string): Promise<string> =>
        await docker("exec", postgres, "psql", "--username=postgres", "--command", sql);
      await psql("ALTER ROLE mlflow NOLOGIN");
      await expectFault("mlflow -> database", "login-locked");
      await psql("ALTER ROLE mlflow LOGIN");
      await expectHealed("MLflow's database role locked");
    });

    // In one container they have one environment, and so one secret.
    test.skipIf(layout === "together")("fails up when the scheduler signs with another secret", async () => {
      const override = project.path("other-secret.yaml");
      await writeFile(
        override,
        `services: { ${scheduler}: { environment: { AIRFLOW__API_AUTH__JWT_SECRET: other } } }\n`,
      );
      const files = ["--file", project.path(".stack", "compose.yaml"), "--file", override];
      await docker("compose", ...files, "up", "--detach", "--wait", "--no-deps", scheduler);

      await expectFault("airflow -> execution API", "secret-mismatch");

      await docker("rm", "--force", await project.containerOf(scheduler));
      await expectHealed("the scheduler signs with another secret");
    });

    test("fails up when MLflow's list of hosts lacks its own name", async () => {
      await configure(
        "env: { mlflow: { MLFLOW_SERVER_ALLOWED_HOSTS: 'localhost,localhost:*,127.0.0.1:*' } }\n",
      );
      await expectFault("airflow -> mlflow", "host-not-allowed");
      await configure();
      await expectHealed("MLflow's list of hosts without its own name");
    });

    test.runIf(layoutsToTry.includes(layout))(
      "fails up when the connection points to a wrong port",
      async () => {
        const connection = JSON.stringify({
          conn_type: "http",
          host: "http://mlflow:5999",
          login: "a",
          password: "b",
        });
        await configure(`env: { airflow: { AIRFLOW_CONN_MLFLOW_DEFAULT: '${connection}' } }\n`);
        await expectFault("airflow -> mlflow", "connection-refused");
        await configure();
        await expectHealed("the connection points to a wrong port");
        expect(await readFile(project.path(".stack", "compose.yaml"), "utf8")).not.toContain("5999");
      },
    );
  },
);
