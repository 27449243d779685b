import { describe, expect, test } from "vitest";
import { dagsCheck } from "../../../src/commands/dags-check.ts";
import { checkLine } from "../../../src/stack/check-line.ts";
import { composeFile, oneShots } from "../../../src/stack/compose-file.ts";
import { endpointsOf, endpointsOfService } from "../../../src/stack/endpoints.ts";
import { planImages } from "../../../src/stack/images.ts";
import { airflowServices, effectiveLayout, layoutNote } from "../../../src/stack/layout.ts";
import { lineVersions } from "../../../src/stack/lines.ts";
import { renderCompose } from "../../../src/stack/render.ts";
import { resolveSpec } from "../../../src/stack/resolve-spec.ts";
import { readStatus } from "../../../src/stack/status.ts";
import { composePath } from "../../../src/stack/stack-folder.ts";
import { createFakeBundled } from "../../support/fake-bundled.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

const settings = { defaultProject: "housing", fileName: "stack.yaml", env: {}, flags: {} };
const fileText = "versions: classic\nbuckets: [data, mlflow, results]\n";
const { spec, chosenPorts } = resolveSpec({ ...settings, fileText });
const images = { postgres: "postgres:x", minio: "minio:x", mlflow: "mlflow:x", airflow: "airflow:x" };
const inputs = { spec, images, projectDir: "/home/user/housing" };
const file = composeFile(inputs);
const plan = async (change = {}) =>
  await planImages({ ...spec, ...change }, createFakeBundled(), createFakeSystem().digest);

test("brings versions that belong together", () => {
  expect(spec.line).toBe("classic");
  expect(spec.versions).toEqual(lineVersions("classic"));
  expect(spec.versions).toMatchObject({ airflow: "2.7.3", mlflow: "2.22.4" });
});

describe("its compose file", () => {
  test("is this one", async () => {
    await expect(renderCompose(file)).toMatchFileSnapshot("snapshots/compose-classic.yaml");
  });

  test("has the services that are asked for by name", () => {
    const { api, scheduler } = airflowServices(spec);
    expect(Object.keys(file.services)).toEqual(expect.arrayContaining([api, scheduler, "mlflow", "minio"]));
    expect(endpointsOfService(api, endpointsOf(spec))).toEqual(["http://localhost:8080"]);
    expect(oneShots(file)).toEqual(["airflow-migrate"]);
  });

  test("has Airflow stopped before what its tasks use", () => {
    for (const name of ["airflow-webserver", "airflow-scheduler", "airflow-triggerer"]) {
      const first = Object.keys(file.services[name]?.depends_on ?? {});
      expect(first).toEqual(expect.arrayContaining(["postgres", "minio", "mlflow"]));
    }
  });

  test("does without MLflow when that runs elsewhere", () => {
    const text = "versions: classic\nmlflow: { mode: remote, url: 'http://mlflow.example:5000' }\n";
    const remote = composeFile({ ...inputs, spec: resolveSpec({ ...settings, fileText: text }).spec });
    expect(Object.keys(remote.services)).not.toContain("mlflow");
    const dependencies = Object.values(remote.services).flatMap((one) => Object.keys(one.depends_on ?? {}));
    expect(dependencies).not.toContain("mlflow");
    expect(remote.services["airflow-scheduler"]?.environment).toMatchObject({
      MLFLOW_TRACKING_URI: "http://mlflow.example:5000",
      ARTIFACT_ROOT: "",
    });
  });

  test("gives the admin's password to the container that makes the user, and to no other", () => {
    const holders = Object.entries(file.services).flatMap(([name, { environment }]) =>
      Object.values(environment ?? {}).some((value) => value.includes("AIRFLOW_ADMIN_PASSWORD"))
        ? [name]
        : [],
    );
    expect(holders).toEqual(["airflow-migrate"]);
  });

  test("mounts every volume that it names, and names every one that it mounts", () => {
    const mounted = Object.values(file.services)
      .flatMap(({ volumes }) => volumes ?? [])
      .flatMap((volume) => (typeof volume === "string" ? [volume.split(":")[0] ?? ""] : []));
    expect(new Set(mounted)).toEqual(new Set(Object.keys(file.volumes)));
  });

  test("has every bucket made, each once", () => {
    expect(file.services["minio"]?.environment).toMatchObject({ STACK_BUCKETS: "mlflow data results" });
  });
});

describe("its images", () => {
  test("stand on Debian 12, but for MinIO, which needs a newer compiler", async () => {
    const { own, bases } = await plan();
    const release = (from: string) => /^stack-base:(\d+)-/u.exec(from)?.[1];
    expect(own.map(({ name, recipe, from }) => [name, recipe, release(from)])).toEqual([
      ["minio", "minio", "13"],
      ["airflow", "airflow-classic", "12"],
      ["mlflow", "mlflow-classic", "12"],
      ["postgres", "postgres", "12"],
    ]);
    expect(bases.map(({ from }) => from).toSorted()).toEqual(["stack-debian:12", "stack-debian:13"]);
  });

  test("share MinIO's with the current line", async () => {
    const current = await plan({ line: "current", versions: lineVersions("current") });
    expect((await plan()).references.minio).toBe(current.references.minio);
    expect((await plan()).references.postgres).not.toBe(current.references.postgres);
  });

  test("need no base that nothing stands on", async () => {
    const { bases } = await plan({ images: { minio: "minio:1" } });
    expect(bases.map(({ from }) => from)).toEqual(["stack-debian:12"]);
  });

  test("are built on their bases", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "versions: classic\n" } });
    await upOf(world);
    const built = [...world.engine.world.images.keys()].map((tag) => tag.replace(/-[0-9a-f]{12}$/u, ""));
    expect(built.toSorted()).toEqual([
      "stack-airflow:2.7.3",
      "stack-base:12",
      "stack-base:13",
      "stack-debian:12",
      "stack-debian:13",
      "stack-minio:2026-02-12",
      "stack-mlflow:2.22.4",
      "stack-postgres:15",
    ]);
  });
});

test("its components have a container each, whatever the layout says", () => {
  expect(effectiveLayout(spec)).toBe("separate");
  expect(layoutNote({ ...spec, images: { airflow: "apache/airflow:2.7.3" } })).toBeUndefined();
});

describe("a project's own files", () => {
  const classic = { "stack.yaml": "versions: classic\n" };
  const notesOf = async (texts: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const world = createStackWorld({ texts: { ...classic, ...texts } });
    await upOf(world);
    return world.events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
  };

  test("make a layer on the line's own Airflow image", async () => {
    const world = createStackWorld({ texts: { ...classic, "requirements.txt": "humanize==4.12.0\n" } });
    await upOf(world);
    const layers = [...world.engine.world.images.keys()].filter((tag) => tag.includes("project"));
    expect(layers).toEqual([expect.stringMatching(/^stack-airflow-project:2\.7\.3-[0-9a-f]{12}$/u)]);
  });

  test("can start from Airflow 2.7 without a word, and from Airflow 3 with one", async () => {
    const about = (notes: readonly string[]) => notes.filter((note) => note.startsWith("Dockerfile"));
    const old = await notesOf({ Dockerfile: "FROM quay.io/astronomer/astro-runtime:9.1.0\n" });
    expect(about(old)).toEqual([]);
    const recent = await notesOf({ Dockerfile: "FROM apache/airflow:3.1.0\n" });
    expect(about(recent)).toEqual([expect.stringContaining("this stack runs Airflow 2.7.3")]);
  });

  test("can't set what Airflow 2 depends on, and can set where its DAGs find modules", async () => {
    const notes = await notesOf({ ".env": "AIRFLOW__WEBSERVER__SECRET_KEY=x\nPYTHONPATH=/mine\n" });
    expect(notes.filter((note) => note.startsWith(".env"))).toEqual([
      expect.stringMatching(/^\.env: AIRFLOW__WEBSERVER__SECRET_KEY left out/u),
    ]);
  });
});

test("its DAGs can be checked, by a checker on the base of the current line", async () => {
  const world = createStackWorld({
    texts: { "stack.yaml": "versions: classic\nimages: { minio: 'minio:1' }\n" },
  });
  world.bundled.programs.set("check_dags.py", "import airflow");
  const say = (value: unknown) => ({ exitCode: 0, stdout: JSON.stringify(value), stderr: "" });
  world.compose.programs.set("python", () => say({ airflow: "2.7.3", dags: [], errors: [] }));
  world.compose.programs.set("ruff", () => say([]));
  await expect(dagsCheck(world.context())).resolves.toMatchObject({ report: { airflow: "2.7.3" } });
  const built = [...world.engine.world.images.keys()].map((tag) => tag.replace(/-[0-9a-f]{12}$/u, ""));
  expect(built.filter((tag) => !tag.startsWith("stack-debian")).toSorted()).toEqual([
    "stack-airflow:2.7.3",
    "stack-base:12",
    "stack-base:13",
    "stack-check:13",
  ]);
});

describe("that it has reached its end of life", () => {
  const endOfLife: unknown = expect.stringContaining("end of life");

  test.each([
    ["classic", endOfLife],
    ["current", undefined],
  ])("is said by up and by status when it is so: %s", async (line, said) => {
    const world = createStackWorld({ texts: { "stack.yaml": `versions: ${line}\n` } });
    await upOf(world);
    const notes = world.events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
    expect(notes.find((note) => note.includes("end of life"))).toEqual(said);
    const { report } = await readStatus((await world.project()).spec, {
      ...world,
      connect: async () => await Promise.resolve(world.clients),
    });
    expect(report).toMatchObject({ line, endOfLife: said });
  });
});

describe("data of another line", () => {
  test("is not opened, and nothing is touched", async () => {
    const world = createStackWorld();
    await upOf(world);
    await world.files.write("stack.yaml", "versions: classic\n");
    const before = world.files.snapshot();
    await expect(upOf(world)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("holds data of the current line"),
      hint: expect.stringContaining("`versions: current`"),
    });
    expect(world.files.snapshot()).toEqual(before);
    expect(world.files.files.get(composePath)?.text).toContain("3.3.2");
  });

  test("that has been deleted is no obstacle", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "versions: classic\n" } });
    const state = {
      project: "gone",
      applied: "",
      settled: "",
      ports: spec.ports,
      moved: {},
      bucket: "mlflow",
      layout: "together",
      line: "current",
      mlflow: { mode: "local" },
      isStopping: false,
    } as const;
    await expect(checkLine({ spec, chosenPorts, state }, world.engine)).resolves.toBeUndefined();
  });
});
