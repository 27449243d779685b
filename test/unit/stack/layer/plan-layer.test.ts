import { describe, expect, test } from "vitest";
import { planLayer } from "../../../../src/stack/layer/plan-layer.ts";
import { createFakeFiles } from "../../../support/fake-files.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const { digest } = createFakeSystem();
const plan = async (texts: Readonly<Record<string, string>>) =>
  await planLayer(createFakeFiles(texts), digest);
const contents = async (texts: Readonly<Record<string, string>>) => (await plan(texts))?.contents;
const runtime = "FROM quay.io/astronomer/astro-runtime:9.1.0\n";

test.each([[{}], [{ "requirements.txt": "# none yet\n\n", "packages.txt": "" }]])(
  "a project that asks for nothing has no layer: %j",
  async (texts) => {
    await expect(plan(texts)).resolves.toBeUndefined();
  },
);

describe("a layer", () => {
  test("installs requirements under the constraint of what is there, and packages before them", async () => {
    const layer = await plan({ "requirements.txt": "humanize\n", "packages.txt": "jq\n" });
    expect(layer?.dockerfile).toMatch(/packages\.txt[^]*uv pip freeze[^]*--constraint[^]*USER airflow\n$/u);
    expect(layer?.base).toBeUndefined();
  });

  test("does only what is asked for", async () => {
    expect((await plan({ "packages.txt": "jq" }))?.dockerfile).not.toContain("uv");
    expect((await plan({ "requirements.txt": "humanize" }))?.dockerfile).not.toContain("packages.txt,");
  });

  test("applies the Dockerfile's instructions on top, without those that start a container", async () => {
    const layer = await plan({
      Dockerfile: `${runtime}USER root\nRUN apt-get install -y jq\nENV A=1\nUSER astro\nCMD ["airflow"]\n`,
    });
    expect(layer?.base).toEqual({ name: "Astro Runtime 9.1.0", airflow: "2.7" });
    expect(layer?.leftOut).toEqual(["CMD (line 6)"]);
    expect(layer?.dockerfile).toMatch(
      /RUN --mount=type=secret\S+ \S+ apt-get install -y jq\nENV A=1\nUSER astro\n/u,
    );
    expect(layer?.dockerfile).not.toMatch(/quay\.io|CMD/u);
  });

  test("keeps earlier stages as they are, with the arguments before them", async () => {
    const text = `ARG TAG=3.1-4\nFROM golang:1.24 AS tool\nRUN go build\nFROM astrocrpublic.azurecr.io/runtime:\${TAG}\nCOPY --from=tool /a /a\n`;
    const layer = await plan({ Dockerfile: text });
    expect(layer?.dockerfile).toContain("ARG TAG=3.1-4\nFROM golang:1.24 AS tool\nRUN go build\n");
    expect(layer?.base?.airflow).toBe("3.1");
  });

  test("never lets the stack's secrets into a build, and always the requirements", async () => {
    const layer = await plan({ Dockerfile: runtime, ".dockerignore": "*\n!.stack\n" });
    expect(layer?.dockerignore).toBe("*\n!.stack\n\n.stack\n!requirements.txt\n!packages.txt\n");
  });

  test.each([
    ["requirements.txt", { "requirements.txt": "b" }, { "requirements.txt": "a" }],
    ["packages.txt", { "packages.txt": "b" }, { "packages.txt": "a" }],
    ["the Dockerfile", { Dockerfile: `${runtime}ENV A=1` }, { Dockerfile: runtime }],
    [
      "what it copies",
      { Dockerfile: `${runtime}COPY c /c`, "c/a": "2" },
      { Dockerfile: `${runtime}COPY c /c`, "c/a": "1" },
    ],
  ])("is another one with another %s", async (_, one, other) => {
    expect(await contents(one)).not.toBe(await contents(other));
    expect(await contents(one)).toBe(await contents({ ...one, "dags/a.py": "new" }));
  });
});

test.each([
  ["FROM python:3.12\n", "Dockerfile:1: found FROM python:3.12; allowed: an Astro Runtime image"],
  ["# nothing\n", "Dockerfile: found no FROM; allowed: an Astro Runtime image"],
])("%j is refused", async (Dockerfile, message) => {
  await expect(plan({ Dockerfile })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(message),
  });
});
