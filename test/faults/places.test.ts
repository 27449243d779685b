import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DoctorReport } from "../../src/stack/doctor/doctor.ts";
import type { InitResult } from "../../src/stack/init/init-project.ts";
import { noteShown, recordFault } from "../support/fault-log.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { repository } from "../support/run.ts";
import { contentsOf, mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import {
  createTestProject,
  freePorts,
  settingsText,
  type Failure,
  type TestProject,
} from "../support/test-project.ts";

const fixture = join(repository, "test", "fixtures", "astro-project");
const folder = "été à la plage, 日本 №1";

/** What becomes of a place, and how it is named then. */
const faults = [
  ["read-only", "EROFS", "findmnt", async (disk: SmallDisk) => await disk.close()],
  ["full", "ENOSPC", "df -h", async (disk: SmallDisk) => await disk.fill()],
] as const;

/** Puts a file system in the place of the project's folder, with the project's settings on it. */
async function moveTo(project: TestProject): Promise<SmallDisk> {
  const disk = await mountSmallDisk(project.dir);
  await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports));
  return disk;
}

/** The words of a command that can't write, and from when on they were waited for. */
interface Refusal extends Failure {
  readonly beganMs: number;
}

/** A failure to write that names place, reason and what helps, and no line of a program; notes it. */
function expectNamed({ error, beganMs }: Refusal, project: TestProject, reason: string, hint: string): void {
  noteShown(`${error.code}: ${error.message}`, Date.now() - beganMs);
  expect(error.code).toBe("FILE_UNWRITABLE");
  expect(error.facts).toMatchObject({ reason });
  expect(error.message).toContain(project.dir);
  expect(error.message).toContain(`(${reason}`);
  expect(error.message).not.toMatch(/\n\s+at /u);
  expect(error.hint).toContain(hint);
}

/* A stack on a file system that can't be written to, or has no room, under a name with spaces and other letters. */
describe("a stack in a bad place", () => {
  let stack: FaultStack;
  let disk: SmallDisk;

  beforeAll(async () => {
    stack = await createFaultStack("places", { folder }, async (project) => {
      disk = await moveTo(project);
    });
  });
  afterEach(async () => {
    await disk.free();
  });
  afterAll(async () => {
    await stack.stack("down", "--volumes", "--yes");
    await disk.unmount();
    await stack.dispose();
  });

  describe.each(faults)("that is %s", (_, reason, hint, spoil) => {
    test("goes on, tells what can't be written, and leaves nothing half-written", async () => {
      const [port = 0] = await freePorts(1);
      const before = [await contentsOf(stack.dir), await stack.containers()];
      await spoil(disk);

      const status = await stack.stackJson<Partial<Failure>>("status");
      expect(status.json.error).toBeUndefined();
      expect(status.status).toBe(0);
      const askedMs = Date.now();
      const { checks } = (await stack.stackJson<DoctorReport>("doctor")).json;
      const check = checks.find(({ name }) => name === "project files");
      noteShown(check?.text ?? "", Date.now() - askedMs);
      expect(check).toMatchObject({
        outcome: "failure",
        fix: expect.stringContaining(hint) as string,
      });
      // Nothing has to be written for a stack that is as it should be.
      await stack.expectWhole();
      const writing = [
        ["up", "--port", `console=${port}`],
        ["seed", "custom_operator_dag"],
        ["init"],
        ["dags", "check"],
        ["secrets", "rotate"],
      ];
      for (const args of writing) {
        const beganMs = Date.now();
        const { status: ended, json, stderr } = await stack.stackJson(...args);
        expectNamed({ ...json, beganMs }, stack, reason, hint);
        expect(ended).toBe(1);
        expect(stderr).not.toMatch(/^\s+at /mu);
        expect(Date.now() - beganMs, args.join(" ")).toBeLessThan(15_000);
        expect([await contentsOf(stack.dir), await stack.containers()], args.join(" ")).toEqual(before);
      }
      await disk.free();
      await stack.expectWhole();
    });

    test("can be stopped and started there, but for its times", async () => {
      await spoil(disk);
      const before = await contentsOf(stack.dir);
      expect((await stack.stack("down")).status).toBe(0);
      await stack.expectFailure("STACK_NOT_RUNNING", "status");
      await stack.expectWhole();
      expect(await contentsOf(stack.dir)).toEqual(before);
      await disk.free();
      await stack.expectWhole();
    });
  });
});

describe("a new project in a bad place", () => {
  let project: TestProject;
  let disk: SmallDisk;

  beforeAll(async () => {
    project = await createTestProject("new-place", { folder });
    disk = await moveTo(project);
  });
  afterEach(async () => {
    await disk.free();
  });
  afterAll(async () => {
    await disk.unmount();
    await project.dispose();
  });

  test.each(faults)(
    "that is %s gets no stack and no file, and is told why",
    async (_, reason, hint, spoil) => {
      const before = await contentsOf(project.dir);
      await spoil(disk);
      for (const args of [["up"], ["init"], ["init", "--from", fixture]]) {
        const beganMs = Date.now();
        const { status, json } = await project.stackJson(...args);
        expectNamed({ ...json, beganMs }, project, reason, hint);
        expect(status).toBe(1);
        expect(await contentsOf(project.dir), args.join(" ")).toEqual(before);
      }
      for (const verb of ["status", "seed"]) {
        expect((await project.stackJson(verb)).json.error.code).toBe("STACK_NOT_RUNNING");
      }
      expect((await project.stack("down")).status).toBe(0);
      expect(await project.leftovers()).toEqual([]);
      await disk.free();
      recordFault({ after: "no container, volume, network or file was made" });
    },
  );

  test("is made once it can be", async () => {
    const { json } = await project.stackJson<InitResult & Partial<Failure>>("init", "--from", fixture);
    expect(json.error).toBeUndefined();
    expect(json.copied).toContain("dags/");
    expect(json.kept).toEqual([]);
  });
});
