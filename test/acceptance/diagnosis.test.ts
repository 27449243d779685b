import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DoctorReport } from "../../src/stack/doctor/doctor.ts";
import type { ServiceLine } from "../../src/stack/logs/read-logs.ts";
import type { TaskLine } from "../../src/stack/logs/task-log.ts";
import type { ReportResult } from "../../src/stack/report/report.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { noteShown, recordFault } from "../support/fault-log.ts";
import { layoutFacts, usualLayout, usualLayoutSetting } from "../support/layouts.ts";
import { docker, output, run } from "../support/run.ts";
import { mlflowAuthorization } from "../support/services.ts";
import { spawnTool, type Spawned } from "../support/spawned.ts";
import { cli, createTestProject, type Failure, type TestProject } from "../support/test-project.ts";

/** From the event to the words that name it, milliseconds. */
const atOnceMs = 1000;
/** From the event to the end of the command that names it: what it runs itself gets a second to end. */
const endsMs = 3000;

const { scheduler, running, completed } = layoutFacts[usualLayout];
/** How the scheduler's lines begin, and what is said of it when it can't start. */
const schedulerIs = {
  together: {
    prefix: /^(?:airflow +\| scheduler +\| .*\n){2}$/u,
    ends: /Airflow's scheduler keeps ending/u,
  },
  separate: {
    prefix: /^(?:airflow-scheduler +\| .*\n){2}$/u,
    // Whichever component is the first to look at the setting.
    ends: /The service airflow-[a-z-]+ exited \(exit code 1\)/u,
  },
}[usualLayout];

/** What the engine tells of a healthcheck. */
interface Health {
  readonly Status: string;
  readonly Log: readonly { readonly ExitCode: number; readonly End: string }[];
}

describe("a stack on default ports, one of them taken", () => {
  let project: TestProject;
  let server: Server;
  let up: UpResult;
  let narration: string;

  const settings = (more = ""): string => `project: ${project.name}\n${usualLayoutSetting}${more}`;
  const linesOf = <T>(text: string): T[] =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as T);
  /** Kills a service's container without a warning; returns when that was done. */
  const kill = async (service: string): Promise<number> => {
    const id = await project.containerOf(service);
    const atMs = Date.now();
    await docker("kill", "--signal=KILL", id);
    return atMs;
  };
  /** Waits until the engine calls a container unhealthy; returns when it did, by the time of day. */
  const calledUnhealthyMs = async (id: string): Promise<number> => {
    const health = async (): Promise<Health> =>
      JSON.parse(await docker("inspect", "--format", "{{json .State.Health}}", id)) as Health;
    await expect
      .poll(async () => (await health()).Status, { timeout: 30_000, interval: 100 })
      .toBe("unhealthy");
    return Date.parse((await health()).Log.findLast(({ ExitCode }) => ExitCode !== 0)?.End ?? "");
  };
  /** `up` has all back; records the fault, when it was one. */
  const expectUp = async (fault?: string): Promise<void> => {
    const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    if (fault !== undefined) recordFault({ fault, after: `\`up\` proves all ${json.probes.length} hops` });
  };
  /** A command that goes on says this at once after `sinceMs`; notes the line. */
  const expectNamed = async (command: Spawned, pattern: RegExp, sinceMs: number): Promise<void> => {
    const namedAfterMs = (await command.seen("stderr", pattern)) - sinceMs;
    noteShown(command.line("stderr", pattern) ?? "", namedAfterMs);
    expect(namedAfterMs).toBeLessThan(atOnceMs);
  };

  /** What was shown of a log was all written by this container. */
  const expectOwnWords = async (id: string, log: unknown): Promise<void> => {
    const { stdout, stderr } = await run("docker", ["logs", id]);
    const written = new Set(`${stdout}${stderr}`.split(/\r?\n/u));
    expect(log).toEqual(expect.any(Array));
    expect((log as string[]).filter((line) => !written.has(line))).toEqual([]);
  };
  const override = (): string => project.path("docker-compose.override.yml");
  /** The stack, in which MLflow is called unhealthy after seven seconds of silence, and not after a minute and a half. */
  const impatient = async (): Promise<void> => {
    const healthcheck = { interval: "1s", timeout: "6s", retries: 1 };
    await writeFile(override(), JSON.stringify({ services: { mlflow: { healthcheck } } }));
    await expectUp();
  };

  beforeAll(async () => {
    project = await createTestProject("diagnosis");
    await writeFile(project.path("stack.yaml"), settings());
    server = createServer();
    await new Promise<void>((resolve) => {
      // Whoever else holds it serves as well.
      server.once("error", () => {
        resolve();
      });
      server.listen(5000, "127.0.0.1", resolve);
    });
    const { json, stderr } = await project.stackJson<UpResult>("up");
    narration = stderr;
    up = json;
  });
  afterAll(async () => {
    server.close();
    await project.dispose();
  });

  test("moves that port, answers there, and keeps it when the old one is free again", async () => {
    expect(narration).toContain("port 5000 (mlflow) is held by");
    const moved = up.movedPorts.find(({ name }) => name === "mlflow");
    expect(moved?.to).toBeGreaterThan(5000);
    expect(up.endpoints.mlflow).toBe(`http://localhost:${moved?.to ?? 0}`);
    expect((await fetch(`${up.endpoints.mlflow}/health`)).status).toBe(200);

    await new Promise((resolve) => server.close(resolve));
    const { json } = await project.stackJson<UpResult>("up");
    expect(json).toMatchObject({ changed: false, movedPorts: [], endpoints: up.endpoints });
  });

  test("has nothing that doctor calls a failure", async () => {
    const { status, json } = await project.stackJson<DoctorReport>("doctor");
    expect(json.checks.filter(({ outcome }) => outcome === "failure")).toEqual([]);
    expect(json.checks.find(({ name }) => name === "mounts")).toMatchObject({ outcome: "ok" });
    expect(json.checks.find(({ name }) => name === "services")).toMatchObject({ outcome: "ok" });
    expect(json.checks.find(({ name }) => name === "minio")?.text).toContain("ports on 127.0.0.1 alone");
    expect(json.skipped).toEqual([]);
    expect(status).toBe(0);
  });

  test("shows its services' logs, cut, prefixed and as documents", async () => {
    const { stdout } = await project.stack("logs", "mlflow", "postgres", "--tail", "3", "--json");
    const lines = linesOf<ServiceLine>(stdout);
    expect(lines).toHaveLength(6);
    expect(new Set(lines.map(({ service }) => service))).toEqual(new Set(["mlflow", "postgres"]));
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted());

    const text = await project.stack("logs", "scheduler", "--tail", "2");
    expect(text.stdout).toMatch(schedulerIs.prefix);
    expect((await project.stack("logs", "mlfow")).status).toBe(2);
  });

  test("shows lines as they are written, also after a restart", async () => {
    const following = spawnTool(project, "logs", "mlflow", "--follow", "--tail", "0");
    const call = async (word: string): Promise<void> => {
      await expect
        .poll(async () => (await fetch(`${up.endpoints.mlflow}/health?${word}`)).status, { timeout: 30_000 })
        .toBe(200);
    };
    await call("before");
    await following.seen("stdout", /health\?before/u);
    await docker("restart", await project.containerOf("mlflow"));
    await call("after");
    await following.seen("stdout", /health\?after/u);
    following.stop();
    const { status, stdout } = await following.ended;
    expect(stdout.split("\n").filter((line) => line.includes("health?before"))).toHaveLength(1);
    expect(status).toBe(130);
  });

  test("shows what a task wrote", async () => {
    expect((await project.stack("seed")).status).toBe(0);
    const asked = ["logs", "--task", "mlflow_tutorial_dag", "scale_features"];
    const { stdout } = await project.stack(...asked);
    expect(stdout).toMatch(/\S/u);
    const [first] = linesOf<TaskLine>((await project.stack(...asked, "--json")).stdout);
    expect(first).toMatchObject({ dagId: "mlflow_tutorial_dag", task: "scale_features", tryNumber: 1 });
    const { status, json } = await project.stackJson("logs", "--task", "mlflow_tutorial_dag", "nothing");
    expect(json.error.hint).toContain("scale_features");
    expect(status).toBe(2);
  });

  test("is watched: a service that is killed is named within a second", async () => {
    const watching = spawnTool(project, "status", "--watch", "--json");
    await watching.seen("stdout", /"state":"up"/u);
    const killed = await kill("mlflow");
    await expectNamed(watching, /mlflow was killed from outside \(SIGKILL, exit code 137\)/u, killed);
    await watching.seen("stdout", /"incidents":\[\{"service":"mlflow"/u);
    watching.stop();
    expect((await watching.ended).status).toBe(130);
    await expectUp("mlflow killed during `status --watch`");
  });

  test("fails to start within a second of a service's death, showing its log alone, and keeps all", async () => {
    await project.stack("down");
    const starting = spawnTool(project, "up", "--json");
    await expect
      .poll(async () => await project.containerOf("mlflow"), { timeout: 30_000, interval: 50 })
      .not.toBe("");
    await expect
      .poll(
        async () =>
          await docker("inspect", "--format", "{{.State.Status}}", await project.containerOf("mlflow")),
        {
          timeout: 30_000,
          interval: 50,
        },
      )
      .toBe("running");
    const killed = await kill("mlflow");
    await expectNamed(starting, /mlflow was killed from outside/u, killed);
    const { status, stdout } = await starting.ended;
    expect(Date.now() - killed).toBeLessThan(endsMs);
    const { error } = JSON.parse(stdout) as Failure;
    expect(error).toMatchObject({ code: "SERVICE_UNHEALTHY", facts: { service: "mlflow", exitCode: 137 } });
    await expectOwnWords(await project.containerOf("mlflow"), error.facts["log"]);
    expect(status).toBe(4);
    expect((await project.leftovers()).filter((one) => one.startsWith("container"))).toHaveLength(
      running + completed.length,
    );
    await expectUp("mlflow killed during `up`");
  });

  test("stops seeding within a second of a service's death, and loses nothing", async () => {
    const seeding = spawnTool(project, "seed", "--json");
    await seeding.seen("stderr", /Running mlflow_tutorial_dag/u);
    const killed = await kill("minio");
    await expectNamed(seeding, /minio was killed from outside/u, killed);
    const { status, stdout } = await seeding.ended;
    expect(Date.now() - killed).toBeLessThan(endsMs);
    expect((JSON.parse(stdout) as Failure).error).toMatchObject({ facts: { service: "minio" } });
    expect(status).toBe(4);

    await expectUp("minio killed during `seed`");
    const response = await fetch(`${up.endpoints.mlflow}/api/2.0/mlflow/runs/search`, {
      method: "POST",
      headers: { authorization: await mlflowAuthorization(project), "content-type": "application/json" },
      body: JSON.stringify({ experiment_ids: ["1"], max_results: 100 }),
    });
    const { runs } = (await response.json()) as { runs: { info: { status: string } }[] };
    expect(runs.some(({ info }) => info.status === "FINISHED")).toBe(true);
  });

  test("is reported in one archive without a secret in it", async () => {
    const { status, json } = await project.stackJson<ReportResult>("report");
    expect(status).toBe(0);
    expect((await stat(json.path)).mode & 0o777).toBe(0o600);
    const text = await output("tar", ["--extract", "--gzip", "--to-stdout", "--file", json.path]);
    const listed = (await output("tar", ["--list", "--gzip", "--file", json.path])).trim().split("\n");
    expect(listed).toEqual(json.files.map(({ path }) => path));
    expect(listed).toEqual(
      expect.arrayContaining(["doctor.json", "compose.yaml", `logs/${scheduler}.log`, "logs/minio.log"]),
    );
    expect(json.missing).toEqual([]);
    const env = await readFile(project.path(".stack", ".env"), "utf8");
    const secrets = [...env.matchAll(/=(.+)$/gmu)].map(([, value]) => value ?? "");
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64").replace(/=+$/u, ""));
    }
  });

  test("names a component that ends again and again, and a service that isn't there in time, by their words", async () => {
    const start = async (env: string): Promise<Failure> => {
      await writeFile(project.path("stack.yaml"), settings(`env: ${env}\n`));
      const beganMs = Date.now();
      const { status, json } = await project.stackJson("up", "--timeout", "30");
      expect(status).toBe(4);
      noteShown(`${json.error.code}: ${json.error.message}`, Date.now() - beganMs);
      return json;
    };
    const looping = await start("{ airflow: { AIRFLOW__CORE__EXECUTOR: NoSuchExecutor } }");
    expect(looping.error).toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: expect.stringMatching(schedulerIs.ends) as string,
    });
    expect(String(looping.error.facts["log"])).toContain("NoSuchExecutor");

    const late = await start(
      '{ mlflow: { MLFLOW_BACKEND_STORE_URI: "postgresql://mlflow:x@no-such-host/mlflow" } }',
    );
    expect(late.error).toMatchObject({ code: "WAIT_TIMEOUT", facts: { service: "mlflow" } });
    expect(late.error.hint).toContain("stack logs mlflow");
    await writeFile(project.path("stack.yaml"), settings());
    await expectUp("settings that a component, then a service, can't start with");
  });

  test("is watched: a service that answers no more is named with what its healthcheck said and its own lines", async () => {
    await impatient();
    const mlflow = await project.containerOf("mlflow");
    const watching = spawnTool(project, "status", "--watch", "--json");
    await watching.seen("stdout", /"state":"up"/u);
    // Every process of it but the first, which can't be stopped from inside.
    await docker("exec", mlflow, "sh", "-c", "kill -STOP -1");
    const named = /The service mlflow is unhealthy \(.*(?:timeout|timed out).*\)/u;
    await expectNamed(watching, named, await calledUnhealthyMs(mlflow));
    await watching.seen("stdout", /"incidents":\[\{"service":"mlflow"/u);
    watching.stop();
    const { stdout } = await watching.ended;
    // The last one tells of the interruption.
    const reports = linesOf<Partial<StatusReport>>(stdout);
    const incidents = reports.findLast((report) => report.incidents !== undefined)?.incidents;
    expect(incidents).toHaveLength(1);
    await expectOwnWords(mlflow, incidents?.[0]?.log);
    await rm(override());
    await expectUp("mlflow frozen during `status --watch`");
  });

  test("stops seeding within a second of a service's becoming unhealthy", async () => {
    await impatient();
    const mlflow = await project.containerOf("mlflow");
    const seeding = spawnTool(project, "seed", "--json");
    await seeding.seen("stderr", /Running mlflow_tutorial_dag/u);
    await docker("exec", mlflow, "sh", "-c", "kill -STOP -1");
    await expectNamed(
      seeding,
      /mlflow is unhealthy \(.*(?:timeout|timed out).*\)/u,
      await calledUnhealthyMs(mlflow),
    );
    const { status, stdout } = await seeding.ended;
    const { error } = JSON.parse(stdout) as Failure;
    expect(error).toMatchObject({ code: "SERVICE_UNHEALTHY", facts: { service: "mlflow" } });
    expect(status).toBe(4);
    await rm(override());
    await expectUp("mlflow frozen during `seed`");
  });

  test("fails to start within a second of a service's becoming unhealthy, with what its healthcheck said", async () => {
    const healthcheck = {
      test: ["CMD-SHELL", "echo of the test; false"],
      interval: "1s",
      retries: 1,
      start_period: "0s",
    };
    await writeFile(override(), JSON.stringify({ services: { mlflow: { healthcheck } } }));
    const before = await project.containerOf("mlflow");
    const starting = spawnTool(project, "up", "--json");
    // For a moment there are both, and for another none.
    const isReplaced = async (): Promise<boolean> => {
      const id = await project.containerOf("mlflow");
      return /^\w+$/u.test(id) && id !== before;
    };
    await expect.poll(isReplaced, { timeout: 30_000, interval: 50 }).toBe(true);
    const unhealthyMs = await calledUnhealthyMs(await project.containerOf("mlflow"));
    await expectNamed(starting, /mlflow is unhealthy \(.*of the test.*\)/u, unhealthyMs);
    const { status, stdout } = await starting.ended;
    const { error } = JSON.parse(stdout) as Failure;
    expect(error).toMatchObject({ code: "SERVICE_UNHEALTHY", facts: { service: "mlflow" } });
    expect(status).toBe(4);
    await rm(override());
    await expectUp("mlflow unhealthy during `up`");
  });

  test("fails to start where a service gets too little memory, which is said", async () => {
    await writeFile(project.path("stack.yaml"), settings("memory: { mlflow: 64m }\n"));
    const beganMs = Date.now();
    const { status, json } = await project.stackJson("up");
    noteShown(`${json.error.code}: ${json.error.message}`, Date.now() - beganMs);
    expect(json.error).toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: expect.stringContaining("mlflow was killed because it reached its memory limit") as string,
      facts: { service: "mlflow", exitCode: 137, outOfMemory: true },
    });
    expect(status).toBe(4);
    await writeFile(project.path("stack.yaml"), settings());
    await expectUp("mlflow started with too little memory");
  });

  test("is told by doctor which service is dead, with status 4", async () => {
    await kill("postgres");
    const { status, json } = await project.stackJson<DoctorReport & Failure>("doctor");
    expect(json.error).toMatchObject({ code: "STACK_DAMAGED", hint: "stack logs postgres" });
    expect(status).toBe(4);
    await expectUp("postgres killed at rest, and `doctor` asked");
  });
});

describe("doctor without an engine", () => {
  test("looks at all that needs none, and ends with 3", async () => {
    const project = await createTestProject("off");
    const env = { ...process.env, DOCKER_HOST: `unix://${project.path("no-engine.sock")}` };
    const { status, stdout } = await run(
      process.execPath,
      [cli, "doctor", "--json", "--project-dir", project.dir],
      { env },
    );
    const json = JSON.parse(stdout) as DoctorReport & Failure;
    expect(json.error).toMatchObject({ code: "MACHINE_NOT_READY", facts: { checks: ["engine"] } });
    expect(json.checks.filter(({ name }) => name.startsWith("port"))).toHaveLength(4);
    expect(json.skipped.map(({ name }) => name)).toContain("images");
    expect(status).toBe(3);
    await expect(readFile(project.path(".stack", "state.json"))).rejects.toThrow("ENOENT");
    await project.dispose();
  });
});
