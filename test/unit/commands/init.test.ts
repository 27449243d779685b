import { describe, expect, test } from "vitest";
import { init } from "../../../src/commands/init.ts";
import { createFakeFiles } from "../../support/fake-files.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

const astro = {
  Dockerfile: "FROM quay.io/astronomer/astro-runtime:9.1.0\nCOPY extra/data.csv /tmp/\n",
  "requirements.txt": "humanize\n# none\npandas\n",
  "packages.txt": "jq\n",
  ".env": "A=1\nB=2\n",
  "airflow_settings.yaml": "airflow: { pools: [{ pool_name: a, pool_slot: 1 }] }\n",
  "dags/a.py": "a",
  "extra/data.csv": "1",
  ".astro/config.yaml": "x",
  "tests/test_a.py": "x",
  "README.md": "x",
  "notes.txt": "x",
};

describe("an empty folder", () => {
  test("becomes a project that up accepts", async () => {
    const world = createStackWorld();
    await expect(init(world.context(), undefined)).resolves.toMatchObject({
      created: ["dags/", "include/", "plugins/", "stack.yaml", "requirements.txt"],
      understood: [],
      ignored: [],
    });
    await expect(world.project()).resolves.toBeDefined();
  });

  test("has nothing left to make the second time", async () => {
    const world = createStackWorld();
    await init(world.context(), undefined);
    const before = world.files.snapshot();
    await expect(init(world.context(), undefined)).resolves.toMatchObject({ created: [], copied: [] });
    expect(world.files.snapshot()).toEqual(before);
  });
});

describe("an Astro project", () => {
  test("is adopted where it is, told what is understood and what is ignored", async () => {
    const world = createStackWorld({ texts: astro });
    const { created, copied, understood, ignored, notes } = await init(world.context(), undefined);
    expect(created).toEqual(["include/", "plugins/", "stack.yaml"]);
    expect(copied).toEqual([]);
    expect(Object.fromEntries(understood.map(({ path, meaning }) => [path, meaning]))).toMatchObject({
      "requirements.txt": expect.stringMatching(/^2 entries/u),
      "packages.txt": expect.stringMatching(/^1 entry/u),
      Dockerfile: expect.stringMatching(/^Astro Runtime 9\.1\.0/u),
      ".env": expect.stringMatching(/^2 variables/u),
      "airflow_settings.yaml": "0 connections, 0 variables, 1 pool",
      "extra/": "copied into the image by Dockerfile",
    });
    expect(ignored.map(({ path }) => path)).toEqual([".astro/", "notes.txt", "tests/"]);
    expect(notes).toEqual([
      expect.stringMatching(/versions: classic.*Airflow 2\.7\.3, as Astro Runtime 9\.1\.0/u),
    ]);
    const { spec } = await world.project();
    expect(spec).toMatchObject({ line: "classic", versions: { airflow: "2.7.3" } });
  });

  test.each([
    ["a Dockerfile of Airflow 3", { Dockerfile: "FROM astrocrpublic.azurecr.io/runtime:3.1-4\n" }, "current"],
    ["settings of its own", { "stack.yaml": "bucket: mine\n", Dockerfile: astro.Dockerfile }, "current"],
  ])("with %s gets no other line", async (_, texts, line) => {
    const world = createStackWorld({ texts });
    await init(world.context(), undefined);
    await expect(world.project()).resolves.toMatchObject({ spec: { line } });
  });

  test("that has been up keeps its line, and the note says how to change it", async () => {
    const world = createStackWorld();
    await upOf(world);
    await world.files.write("Dockerfile", astro.Dockerfile);
    const { notes } = await init(world.context(), undefined);
    expect(notes).toEqual([
      expect.stringMatching(/Airflow 2\.7; this stack runs Airflow 3.*`versions: classic`/u),
    ]);
    await expect(world.project()).resolves.toMatchObject({ spec: { line: "current" } });
  });

  test("is copied from another folder, over nothing that is here", async () => {
    const world = createStackWorld({ texts: { ".env": "MINE=1\n" } });
    world.folders.set("../astro", createFakeFiles(astro, "/home/user/astro"));
    const { copied, kept, from } = await init(world.context(), "../astro");
    expect(from).toBe("/home/user/astro");
    expect(kept).toEqual([".env"]);
    expect(copied).toEqual([
      "dags/",
      "requirements.txt",
      "packages.txt",
      "Dockerfile",
      "airflow_settings.yaml",
      "extra/",
    ]);
    await expect(world.files.read(".env")).resolves.toBe("MINE=1\n");
    await expect(world.files.read("extra/data.csv")).resolves.toBe("1");
    await expect(world.files.exists("notes.txt")).resolves.toBe(false);
  });

  test("that up would refuse is refused before anything is written", async () => {
    const world = createStackWorld({ texts: { Dockerfile: "FROM python:3.12\n" } });
    await expect(init(world.context(), undefined)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(Object.keys(world.files.snapshot())).toEqual(["Dockerfile 644"]);
  });
});
