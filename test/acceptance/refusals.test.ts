import { spawn } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StatusReport } from "../../src/stack/status-report.ts";
import { run } from "../support/run.ts";
import { stubProgram } from "../support/stub-program.ts";
import {
  cli,
  createTestProject,
  settingsText,
  type Failure,
  type TestProject,
} from "../support/test-project.ts";

/* What goes wrong before anything is started; nothing here needs a stack. */
describe("the tool refuses", () => {
  let project: TestProject;

  beforeEach(async () => {
    project = await createTestProject("refused");
  });
  afterEach(async () => {
    await project.dispose();
  });

  test.each(["up", "seed", "status", "down"])(
    "%s with a wrong stack.yaml, naming the place and touching nothing",
    async (verb) => {
      await writeFile(
        project.path("stack.yaml"),
        "project: fine\nports:\n  airflow: eighty\n  mlfow: 5000\n",
      );

      const { status, json } = await project.stackJson(verb);

      expect(json.error.code).toBe("CONFIG_INVALID");
      expect(json.error.message).toContain(
        'stack.yaml:3:12: ports.airflow: found "eighty"; allowed: a port number from 1 to 65535',
      );
      expect(json.error.message).toContain(
        "stack.yaml:4:3: ports.mlfow: found an unknown key; allowed: airflow, mlflow, s3, console",
      );
      expect(status).toBe(2);
      expect(await readdir(project.dir)).toEqual(["stack.yaml"]);
      await rm(project.path("stack.yaml"));
    },
  );

  test("a port that a process holds, naming the process", async () => {
    const server = await listen(project.ports.mlflow);

    const { status, json } = await project.stackJson("up");

    expect(json.error).toMatchObject({
      code: "PORT_TAKEN",
      facts: { port: project.ports.mlflow, name: "mlflow" },
    });
    expect(json.error.message).toContain(`process ${process.pid}`);
    expect(json.error.hint).toContain("--port mlflow=");
    expect(status).toBe(1);
    expect(await project.leftovers()).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(["up", "seed", "status", "down"])(
    "%s with an engine that is off, with status 3 and the way to start it",
    async (verb) => {
      const env = { ...process.env, DOCKER_HOST: `unix://${project.path("no-engine.sock")}` };

      const { status, stdout } = await run(
        process.execPath,
        [cli, verb, "--json", "--project-dir", project.dir],
        { env },
      );

      const json = JSON.parse(stdout) as Failure;
      expect(json.error.code).toBe("ENGINE_UNREACHABLE");
      expect(json.error.hint).toContain("scripts/engine.sh");
      expect(status).toBe(3);
    },
  );

  test("status before anything was started, with status 5", async () => {
    const { status, json } = await project.stackJson<StatusReport & Failure>("status");
    expect(json).toMatchObject({
      state: "down",
      error: { code: "STACK_NOT_RUNNING", hint: expect.stringContaining("stack up") },
    });
    expect(status).toBe(5);
  });

  test("seed on a stack that is down, with the command that starts it", async () => {
    const { status, json } = await project.stackJson("seed");
    expect(json.error).toMatchObject({
      code: "STACK_NOT_RUNNING",
      hint: expect.stringContaining("stack up"),
    });
    expect(status).toBe(5);
  });

  test("up with an image that no registry has, naming the image and starting nothing", async () => {
    const settings = settingsText(project.name, project.ports, "images: { airflow: 'nobody/has-this:1' }\n");
    await writeFile(project.path("stack.yaml"), settings);

    const { status, json } = await project.stackJson("up");

    expect(json.error.code).toBe("IMAGE_UNAVAILABLE");
    expect(json.error.message).toContain("nobody/has-this:1");
    expect(status).toBe(1);
  });

  test("a folder that isn't there", async () => {
    const { status, stdout } = await run(process.execPath, [
      cli,
      "up",
      "--json",
      "--project-dir",
      project.path("nowhere"),
    ]);
    expect((JSON.parse(stdout) as Failure).error.code).toBe("CONFIG_NOT_FOUND");
    expect(status).toBe(2);
  });

  test.each([[["fly"]], [["up", "--fast"]], [["up", "--timeout", "soon"]], [["down", "now"]]])(
    "the command line %j",
    async (args) => {
      const { status, json } = await project.stackJson(...args);
      expect(json.error.code).toBe("USAGE");
      expect(json.error.hint).toContain("--help");
      expect(status).toBe(2);
    },
  );

  test("nothing of --dry-run: it prints the compose file and leaves no trace", async () => {
    const { status, stdout } = await project.stack("up", "--dry-run");
    expect(stdout).toContain(`name: ${project.name}`);
    expect(status).toBe(0);
    expect(await readdir(project.dir)).toEqual(["stack.yaml"]);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "to wait after %s for a program that doesn't end, and says why it ends",
    async (signal, code) => {
      const docker = await stubProgram("docker", "exec sleep 60");
      const env = { ...process.env, PATH: docker.path };
      const child = spawn(process.execPath, [cli, "up", "--json", "--project-dir", project.dir], { env });
      let stdout = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      const ended = new Promise((resolve) => child.once("close", resolve));
      const isCalled = async (): Promise<boolean> =>
        await docker.lastCall().then(
          () => true,
          () => false,
        );
      await expect.poll(isCalled, { timeout: 10_000 }).toBe(true);
      const sentMs = Date.now();
      child.kill(signal);
      expect(await ended).toBe(code);
      expect(Date.now() - sentMs).toBeLessThan(2000);
      expect((JSON.parse(stdout) as Failure).error).toMatchObject({ code: "INTERRUPTED", status: code });
      await docker.dispose();
    },
  );

  test("nothing of a reader that goes away: the command ends without a stack trace", async () => {
    const child = spawn("bash", [
      "-c",
      `"$0" "$1" up --dry-run --project-dir "$2" | head -n 1`,
      process.execPath,
      cli,
      project.dir,
    ]);
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await new Promise((resolve) => child.once("close", resolve));
    expect(stderr).toBe("");
  });
});

async function listen(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
