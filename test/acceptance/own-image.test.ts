import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UpResult } from "../../src/stack/up.ts";
import { layoutFacts } from "../support/layouts.ts";
import { provideLine } from "../support/line-images.ts";
import { docker } from "../support/run.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";

/** What the stack puts into its image of Airflow; one of somebody else's has none of it. */
const ownPrograms = "/usr/local/bin/stack-launcher /usr/local/lib/stack";
const ownModules = "/opt/venv/lib/python3.*/site-packages/stack_*";

/* Airflow in an image that knows nothing of the stack, with the entry point and the user that the official one has. */
describe("an Airflow image of the user's own", () => {
  const { running, completed } = layoutFacts.separate;
  let project: TestProject;
  let image = "";

  beforeAll(async () => {
    project = await createTestProject("own-image");
    const { references } = await provideLine("current");
    image = `${project.name}:1`;
    const plain = project.name;
    const entry = ["--user", "root", "--entrypoint", "sh"];
    const remove = ["-c", `rm -r ${ownPrograms} ${ownModules}`];
    await docker("run", "--name", plain, ...entry, references.airflow, ...remove);
    const changes = ["USER airflow", `ENTRYPOINT ["tini", "--", "docker-entrypoint.sh"]`, `CMD ["--help"]`];
    await docker("commit", ...changes.map((change) => `--change=${change}`), plain, image);
    await docker("rm", plain);
    const settings = settingsText(project.name, project.ports, `images: { airflow: "${image}" }\n`);
    await writeFile(project.path("stack.yaml"), settings);
  });
  afterAll(async () => {
    await project.dispose();
    await docker("image", "rm", image);
  });

  test("runs in a container for each of Airflow's components, which `up` says, and a pipeline is proven", async () => {
    const { status, json, stderr } = await project.stackJson<UpResult & Partial<Failure>>("up", "--prove");

    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(stderr).toContain(
      `Airflow's components run in a container each (airflow.layout: separate): ${image} has no launcher for one.`,
    );
    const inState = (wanted: string) =>
      json.services.filter(({ state }) => state === wanted).map(({ service }) => service);
    expect(inState("healthy")).toHaveLength(running);
    expect(inState("completed")).toEqual(completed);
    expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(json.proof).toMatchObject({
      bytes: 4096,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
    });
  });
});
