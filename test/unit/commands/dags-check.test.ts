import { describe, expect, test } from "vitest";
import { dagsCheck } from "../../../src/commands/dags-check.ts";
import { createStackWorld, type StackWorld } from "../../support/stack-world.ts";

interface Answers {
  readonly errors?: readonly { readonly file: string; readonly trace: string }[];
  readonly ruff?: readonly object[];
}

/** A world whose Airflow and ruff answer as they are told. */
function worldWith({ errors = [], ruff = [] }: Answers, texts = {}): StackWorld {
  const world = createStackWorld({ texts });
  world.bundled.programs.set("check_dags.py", "import airflow");
  const say = (value: unknown) => ({ exitCode: 0, stdout: JSON.stringify(value), stderr: "" });
  const dags = [{ dagId: "a", file: "dags/a.py", tasks: 2 }];
  world.compose.programs.set("python", (_, input) =>
    say({ airflow: new TextDecoder().decode(input) === "import airflow" ? "3.3.2" : "", dags, errors }),
  );
  world.compose.programs.set("ruff", (args) => say(args.includes("--select=AIR3") ? ruff : []));
  return world;
}

describe("checking DAGs", () => {
  test("builds Airflow's image, the project's layer and the checker's, and starts no stack", async () => {
    const world = worldWith({}, { "requirements.txt": "humanize\n" });
    const { report, failure } = await dagsCheck(world.context());
    expect(failure).toBeUndefined();
    expect(report).toMatchObject({
      airflow: "3.3.2",
      dags: [{ dagId: "a", tasks: 2 }],
      errors: [],
      upgrades: [],
    });
    const built = [...world.engine.world.images.keys()].map((tag) => tag.replace(/:.*/u, ""));
    expect(built.toSorted()).toEqual([
      "stack-airflow",
      "stack-airflow-project",
      "stack-base",
      "stack-check",
      "stack-debian",
    ]);
    expect(world.engine.world.containers.size).toBe(0);
    expect(world.engine.world.volumes.size + world.engine.world.networks.size).toBe(0);
  });

  test("gives DAG files the connections and variables of airflow_settings.yaml without a database", async () => {
    const settings = `airflow:
  connections: [{ conn_id: api, conn_type: http, conn_password: "a$b" }]
  variables: [{ variable_name: size, variable_value: 3 }]
`;
    const world = worldWith({}, { "airflow_settings.yaml": settings });
    await dagsCheck(world.context());
    const file = world.files.files.get(".stack/check.yaml");
    expect(file?.mode).toBe(0o600);
    expect(file?.text).toContain(`AIRFLOW_CONN_API: '{"conn_type":"http","password":"a$$b"}'`);
    expect(file?.text).toContain('AIRFLOW_VAR_SIZE: "3"');
    expect(file?.text).toContain("sqlite:");
  });

  test("fails on the first file that does not import, naming its line", async () => {
    const trace = 'File "/opt/airflow/dags/b.py", line 4\nSyntaxError: invalid syntax';
    const { report, failure } = await dagsCheck(
      worldWith({
        errors: [
          { file: "dags/b.py", trace },
          { file: "dags/c.py", trace: "E" },
        ],
      }).context(),
    );
    expect(report.errors).toHaveLength(2);
    expect(failure).toMatchObject({
      code: "DAG_IMPORT_FAILED",
      message:
        "Airflow cannot import dags/b.py, line 4: SyntaxError: invalid syntax. 1 more file(s) fail too.",
    });
  });

  test("does not fail on what only Airflow 3 breaks", async () => {
    const ruff = [
      {
        code: "AIR301",
        filename: "/opt/airflow/dags/a.py",
        location: { row: 2 },
        message: "gone",
        fix: null,
      },
    ];
    const { report, failure } = await dagsCheck(worldWith({ ruff }).context());
    expect(failure).toBeUndefined();
    expect(report.upgrades).toMatchObject([{ file: "dags/a.py", line: 2, kind: "breaks" }]);
  });
});
