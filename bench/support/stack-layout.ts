import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { settingsText } from "../../test/support/test-project.ts";
import { logIn } from "./airflow-client.ts";
import { exec, repository } from "./exec.ts";
import type { Layout } from "./layout.ts";
import type { Workplace } from "./workplace.ts";

const cli = join(repository, "dist", "cli.js");

/** The stack, through its own command line. */
export async function createStackLayout({
  dir,
  dagsDir,
  project,
  ports,
  dataset,
}: Workplace): Promise<Layout> {
  await writeFile(join(dir, "stack.yaml"), settingsText(project, ports));
  const run = async (...args: readonly string[]) =>
    await exec(process.execPath, [cli, ...args, "--project-dir", dir]);

  return {
    name: "stack",
    project,
    dagsDir,
    // `up` returns when everything is healthy and each hop of a pipeline has been probed.
    start: async () => {
      await run("up");
    },
    stop: async () => {
      await run("down");
    },
    destroy: async () => {
      await run("down", "--volumes", "--yes");
    },
    cli: async (...args) => {
      const { stdout, stderr } = await run(...args);
      return stdout + stderr;
    },
    installDataset: async () => {
      await run("seed", "--dataset", dataset, "--no-run");
    },
    airflow: async () => {
      const { stdout } = await run("secrets", "AIRFLOW_ADMIN_PASSWORD");
      return await logIn({ url: `http://127.0.0.1:${ports.airflow}`, password: stdout.trim() });
    },
  };
}
