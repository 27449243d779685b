import { mkdir, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { noteShown } from "../support/fault-log.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { docker, run } from "../support/run.ts";
import { cli, type Failure } from "../support/test-project.ts";

const hourS = 3600;
const namedWithinMs = 5000;
// A process looks once in more than one whole second.
const lookedAgainMs = 2500;
const shiftedClock = fileURLToPath(new URL("../support/shifted-clock.ts", import.meta.url));
const triplet = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;

/** An answer that names the clock, or leads to who names it. */
interface Named {
  readonly code: string;
  readonly words: RegExp;
  readonly hint: string;
}

/** Has Airflow's processes be told another time than the kernel's, by the file `offset`. */
const shiftable = {
  environment: {
    LD_PRELOAD: `/usr/lib/${triplet}/faketime/libfaketime.so.1`,
    FAKETIME_TIMESTAMP_FILE: "/clock/offset",
    FAKETIME_CACHE_DURATION: "1",
    // Setting a clock leaves the one that only counts alone.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    // A lock that processes share, which one that is killed while it holds it never gives back.
    FAKETIME_DISABLE_SHM: "1",
  },
  volumes: ["./clock:/clock:ro"],
};

/* Clocks that jump or differ: Airflow's against the object store's, and this machine's against the engine's. The
   kernel's own is left alone. */
describe("a stack whose clocks differ", () => {
  let stack: FaultStack;

  /** Airflow's clock is ahead by this when it resolves: by then every process of it has looked at the file again. */
  const jump = async (seconds: number): Promise<void> => {
    await writeFile(stack.path("clock", "offset"), `${seconds < 0 ? "" : "+"}${seconds}\n`);
    await sleep(lookedAgainMs);
    const there = Number(await docker("exec", await stack.containerOf("airflow"), "date", "+%s"));
    expect(Math.abs(there - Date.now() / 1000 - seconds)).toBeLessThan(10);
  };
  /** Until then the last heartbeats of Airflow's components are as old as the jump was long. */
  const heartbeats = async (): Promise<void> => {
    const code = async () => (await stack.stackJson<Partial<Failure>>("status")).json.error?.code;
    await expect.poll(code, { timeout: 30_000, interval: 1000 }).not.toBe("SERVICE_UNHEALTHY");
  };

  beforeAll(async () => {
    stack = await createFaultStack("clock", undefined, async (project) => {
      await mkdir(project.path("clock"));
      await writeFile(project.path("clock", "offset"), "+0\n");
      await writeFile(project.path("packages.txt"), "libfaketime\n");
      const override = stringify({ services: { airflow: shiftable } });
      await writeFile(project.path("docker-compose.override.yml"), override);
    });
  });
  afterAll(async () => {
    await stack.dispose();
  });

  const noteError = ({ error }: Partial<Failure>, tookMs: number): void => {
    noteShown(error === undefined ? "no error" : `${error.code}: ${error.message}`, tookMs);
  };
  const expectClockNamed = (json: Partial<Failure>): void => {
    expect(json.error?.code, json.error?.message).toBe("PROBE_FAILED");
    expect(json.error?.facts).toMatchObject({ hops: ["airflow -> s3"], causes: ["clock-skew"] });
    expect(json.error?.message).toContain("RequestTimeTooSkewed");
    expect(json.error?.hint).toMatch(/^Set the clocks right: `stack doctor`/u);
  };
  /** Runs the tool on a machine whose clock is ahead of the engine's. */
  const stackAhead = async (seconds: number, verb: string) => {
    const env = { ...process.env, CLOCK_AHEAD_MS: String(seconds * 1000) };
    const args = ["--import", shiftedClock, cli, verb, "--json", "--project-dir", stack.dir];
    const { status, stdout, stderr } = await run(process.execPath, args, { env });
    return { status, stderr, json: JSON.parse(stdout) as Partial<Failure> };
  };

  test("names Airflow's where it is an hour ahead, and is whole when that is undone", async () => {
    await jump(hourS);
    await heartbeats();
    for (const verb of ["status", "up"]) {
      const beganMs = Date.now();
      const { json } = await stack.stackJson<Partial<Failure>>(verb);
      const tookMs = Date.now() - beganMs;
      noteError(json, tookMs);
      expectClockNamed(json);
      expect(tookMs).toBeLessThan(namedWithinMs);
    }
    await jump(0);
    await stack.expectWhole();
  });

  // A clock that is ahead of the object store's; and one that makes of Airflow's own tokens some from the future. Who is
  // refused first, a task, an artifact of its or this command, is a matter of a moment.
  const setRight = "Set the clocks right: `stack doctor`";
  const named: readonly Named[] = [
    { code: "DAG_RUN_FAILED", words: /Invalid auth token|RequestTimeTooSkewed/u, hint: setRight },
    { code: "AIRFLOW_REFUSED", words: /Invalid JWT token/u, hint: "Airflow's clock was put back" },
    {
      code: "DAG_RUN_FAILED",
      words: /before it wrote anything/u,
      hint: "`stack logs scheduler --since 10m`",
    },
  ];
  test.each([
    ["ahead", hourS],
    ["back", -hourS],
  ])("names one that jumps %s during a run", async (_, to) => {
    const seeding = stack.spawn("seed", "--json");
    // A run that has not begun would wait until the database's clock has the time at which it was asked for.
    await seeding.seen("stderr", /create_experiment success/u);
    const jumpedMs = Date.now();
    await jump(to);
    const { status, stdout } = await seeding.ended;
    const { error } = JSON.parse(stdout) as Failure;
    noteError({ error }, Date.now() - jumpedMs);
    const kind = named.find(({ code, words }) => code === error.code && words.test(error.message));
    expect(kind, `${error.code}: ${error.message}`).toBeDefined();
    expect(error.hint).toContain(kind?.hint);
    expect(status).toBe(1);
    // As the hint has it.
    const logged = kind === named[2] ? await stack.stack("logs", "scheduler", "--since", "2h") : undefined;
    expect(`${error.message}${logged?.stdout}`).toMatch(/Invalid (?:auth|JWT) token|RequestTimeTooSkewed/u);

    await jump(0);
    await stack.expectWhole();
    expect((await stack.stack("seed")).status).toBe(0);
  });

  test.each([hourS, -hourS])(
    "works where this machine's is ahead by %i s, which is said",
    async (seconds) => {
      const beganMs = Date.now();
      const doctor = await stackAhead(seconds, "doctor");
      noteError(doctor.json, Date.now() - beganMs);
      expect(doctor.json.error).toMatchObject({ code: "MACHINE_NOT_READY", facts: { checks: ["clock"] } });
      for (const verb of ["status", "seed", "up"]) {
        const { status, json } = await stackAhead(seconds, verb);
        expect(json.error).toBeUndefined();
        expect(status).toBe(0);
      }
      const side = seconds > 0 ? "behind" : "ahead of";
      expect((await stackAhead(seconds, "up")).stderr).toContain(
        `the engine's clock is ${hourS} s ${side} this machine's`,
      );
      await stack.expectWhole();
    },
  );
});
