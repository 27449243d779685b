import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { noteShown } from "../support/fault-log.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { docker } from "../support/run.ts";

/** MLflow's migrations, in its image. */
const migrations = "/opt/venv/lib/python3.13/site-packages/mlflow/store/db_migrations/versions";

/** Undoes MLflow's newest migrations, by these themselves. */
const downgradeMlflow = `
import os
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
command.downgrade(_get_alembic_config(os.environ["MLFLOW_BACKEND_STORE_URI"]), "-3")
`;

/** What a next release of MLflow may bring: a migration that makes no table. */
const nextMigration = (newest: string): string => `
import sqlalchemy as sa
from alembic import op
revision = "5e0f7e570001"
down_revision = "${newest}"
branch_labels = None
depends_on = None
def upgrade():
    op.add_column("runs", sa.Column("of_the_next_release", sa.String(10), nullable=True))
`;

/* A project that an older release has filled: its databases have the schema of that release. */
describe("a stack over volumes of an older schema", () => {
  let stack: FaultStack;
  const compose = async (...args: readonly string[]): Promise<string> =>
    await docker("compose", "--file", stack.path(".stack", "compose.yaml"), ...args);
  const runIn = async (service: string, ...command: readonly string[]): Promise<string> =>
    await compose("run", "--rm", "--no-deps", service, ...command);
  const startDatabase = async (): Promise<void> => {
    expect((await stack.stack("down")).status).toBe(0);
    await compose("up", "--detach", "--wait", "postgres");
  };
  const schemaOf = async (database: string): Promise<string> => {
    const query = ["--no-align", "--tuples-only", "--command=select version_num from alembic_version"];
    return await compose(
      "exec",
      "-T",
      "postgres",
      "psql",
      "--username=postgres",
      `--dbname=${database}`,
      ...query,
    );
  };

  beforeAll(async () => {
    stack = await createFaultStack("schema");
  });
  afterAll(async () => {
    await stack.dispose();
  });

  /** Starts all, after which the service's own log has the line that tells of its upgrade; notes it. */
  const expectUpgraded = async (service: string, told: RegExp): Promise<void> => {
    const beganMs = Date.now();
    const { status, stderr } = await stack.stack("up");
    const tookMs = Date.now() - beganMs;
    expect(status, stderr).toBe(0);
    const said = await compose("logs", "--no-log-prefix", service);
    noteShown(said.split("\n").find((line) => told.test(line)) ?? "", tookMs);
    expect(said).toMatch(told);
  };

  test.each([
    [
      "airflow",
      ["airflow", "db", "downgrade", "--to-version", "3.2.0", "--yes"],
      /migrate +\| .*Running upgrade \w+ -> \w+/u,
    ],
    // Tables are missing, which MLflow sees to by itself.
    ["mlflow", ["python", "-c", downgradeMlflow], /mlflow\.store\.db\.utils: Updating database tables/u],
  ])("has %s's brought to the present one, which its log tells", async (service, downgrade, told) => {
    const present = await schemaOf(service);
    await startDatabase();
    await runIn(service, ...downgrade);
    expect(await schemaOf(service)).not.toBe(present);
    await expectUpgraded(service, told);
    await stack.expectWhole(`volumes of an older schema: ${service}`);
    expect(await schemaOf(service)).toBe(present);
  });

  test("has mlflow's brought to one that stock MLflow refuses to go on to", async () => {
    const newest = await schemaOf("mlflow");
    expect((await stack.stack("down")).status).toBe(0);
    await mkdir(stack.path("next"));
    await writeFile(stack.path("next", "5e0f7e570001_next.py"), nextMigration(newest));
    const mount = `./next/5e0f7e570001_next.py:${migrations}/5e0f7e570001_next.py:ro`;
    await writeFile(
      stack.path("docker-compose.override.yml"),
      stringify({ services: { mlflow: { volumes: [mount] } } }),
    );
    const told = new RegExp(`the database has an older schema \\(${newest}\\): upgrading it`, "u");
    await expectUpgraded("mlflow", told);
    await stack.expectWhole("volumes of an older schema: mlflow's of the release before");
    expect(await schemaOf("mlflow")).toBe("5e0f7e570001");
  });
});
