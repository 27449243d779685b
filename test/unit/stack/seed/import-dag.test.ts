import { describe, expect, test } from "vitest";
import { importDag, importDags } from "../../../../src/stack/seed/import-dag.ts";
import { createSeedWorld } from "../../../support/seed-world.ts";

const plan = { dagId: "sales", file: "sales.py", isBundled: false };
const trace = `Traceback (most recent call last):
  File "/opt/airflow/dags/sales.py", line 12, in <module>
    import nothing
  File "/opt/venv/lib/python3.13/site-packages/helper.py", line 99, in load
ModuleNotFoundError: No module named 'nothing'
`;
const dags = {
  good: { sales: { tasks: ["a"] } },
  broken: { error: trace },
  other: { stock: { tasks: ["a"] } },
};

function world(text: string) {
  const made = createSeedWorld({ project: { "dags/sales.py": text }, dags });
  return { ...made, deadlineMs: made.deps.clock.nowMs() + 60_000 };
}

describe("a DAG file", () => {
  test("is waited for when Airflow has not read it yet", async () => {
    const { deps, deadlineMs, events } = world("good");
    await expect(importDag(deps, plan, deadlineMs)).resolves.toMatchObject({
      dagId: "sales",
      file: "sales.py",
    });
    expect(events).toMatchObject([
      { id: "import:sales", status: "started" },
      { id: "import:sales", status: "done", elapsedMs: 500 },
    ]);
  });

  test("is read again when Airflow knows it, so that an edit counts", async () => {
    const { deps, deadlineMs } = world("good");
    await deps.clock.sleep(10_000);
    const before = await deps.airflow.dag("sales");
    const after = await importDag(deps, plan, deadlineMs);
    expect(Date.parse(after.lastParsed ?? "")).toBeGreaterThan(Date.parse(before?.lastParsed ?? ""));
  });

  test("that can't be imported is named with the line, from its own frames and not a library's", async () => {
    const { deps, deadlineMs } = world("broken");
    await expect(importDag(deps, plan, deadlineMs)).rejects.toMatchObject({
      code: "DAG_IMPORT_FAILED",
      message:
        "Airflow cannot import dags/sales.py, line 12: ModuleNotFoundError: No module named 'nothing'.",
      hint: "Edit /home/user/project/dags/sales.py, then run `stack seed sales` again.",
      facts: { file: "dags/sales.py", line: 12, trace: trace.trimEnd().split("\n") },
    });
  });

  test("that was repaired is not judged by its old error", async () => {
    const { deps, deadlineMs, airflow } = world("broken");
    await deps.clock.sleep(10_000);
    await expect(airflow.importErrors()).resolves.toHaveLength(1);
    airflow.putFile("sales.py", "good");
    await expect(importDag(deps, plan, deadlineMs)).resolves.toMatchObject({ dagId: "sales" });
  });

  test("that stays broken fails soon, although the error is an old one", async () => {
    const { deps, deadlineMs } = world("broken");
    await deps.clock.sleep(10_000);
    const startMs = deps.clock.nowMs();
    await expect(importDag(deps, plan, deadlineMs)).rejects.toMatchObject({ code: "DAG_IMPORT_FAILED" });
    expect(deps.clock.nowMs() - startMs).toBeLessThan(10_000);
  });

  test("that was broken after it worked fails at once", async () => {
    const { deps, deadlineMs, airflow } = world("good");
    await deps.clock.sleep(10_000);
    await airflow.dags();
    airflow.putFile("sales.py", "broken");
    const startMs = deps.clock.nowMs();
    await expect(importDag(deps, plan, deadlineMs)).rejects.toMatchObject({ code: "DAG_IMPORT_FAILED" });
    expect(deps.clock.nowMs() - startMs).toBeLessThan(2_000);
  });

  test("without the DAG in it is given up at the deadline", async () => {
    const { deps, deadlineMs } = world("other");
    await expect(importDag(deps, plan, deadlineMs)).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: "Gave up after 60 s: Airflow has not read sales.py with the DAG sales in it.",
    });
  });
});

describe("several DAG files", () => {
  const stock = { dagId: "stock", file: "stock.py", isBundled: false };

  test("are waited for at once", async () => {
    const { deps, deadlineMs, airflow } = world("good");
    airflow.putFile("stock.py", "other");
    const startedMs = deps.clock.nowMs();
    await importDags(deps, [plan, stock], deadlineMs);
    expect(deps.clock.nowMs() - startedMs).toBeLessThan(1_000);
  });

  test("are not waited for when one of them can't be imported", async () => {
    const { deps, deadlineMs } = world("broken");
    await expect(importDags(deps, [stock, plan], deadlineMs)).rejects.toMatchObject({
      code: "DAG_IMPORT_FAILED",
    });
    expect(deps.clock.nowMs()).toBeLessThan(deadlineMs - 50_000);
  });
});
