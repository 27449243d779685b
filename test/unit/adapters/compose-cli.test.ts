import { afterEach, describe, expect, test } from "vitest";
import { composeArgs, createComposeCli } from "../../../src/adapters/compose-cli.ts";
import { stubProgram, type StubProgram } from "../../support/stub-program.ts";

const { signal } = new AbortController();
let docker: StubProgram | undefined;

/** Compose with a `docker` that runs this script. */
async function composeWith(script: string, env: Readonly<Record<string, string>> = {}) {
  docker = await stubProgram("docker", script);
  return createComposeCli({
    dir: "/home/user/project",
    env: { PATH: docker.path, ...env },
    hiddenPrefix: "STACK_SECRET_",
  });
}

afterEach(async () => {
  await docker?.dispose();
  docker = undefined;
});

describe("argument lists", () => {
  test("up starts the file's services in the background and removes what is no longer in it", () => {
    expect(composeArgs.up(".stack/compose.yaml")).toEqual([
      "compose",
      "--progress=plain",
      "--file=.stack/compose.yaml",
      "up",
      "--detach",
      "--remove-orphans",
    ]);
  });

  test("down goes by the project's name, and takes volumes only when asked", () => {
    const list = ["compose", "--progress=plain", "--project-name=housing", "down", "--remove-orphans"];
    expect(composeArgs.down("housing", false)).toEqual(list);
    expect(composeArgs.down("housing", true)).toEqual([...list, "--volumes"]);
  });

  test("a command in a container keeps its own arguments apart from Compose's", () => {
    expect(composeArgs.exec("housing", "airflow", ["python", "-c", "print(1); --volumes"])).toEqual([
      "compose",
      "--project-name=housing",
      "exec",
      "--no-TTY",
      "airflow",
      "python",
      "-c",
      "print(1); --volumes",
    ]);
  });
});

describe("the command", () => {
  test("is given the project's own file, from a folder without files of the user's", async () => {
    await (await composeWith("")).up(".stack/compose.yaml", { signal });
    await expect(docker?.lastCall()).resolves.toMatchObject({
      args: composeArgs.up("/home/user/project/.stack/compose.yaml"),
      cwd: "/",
    });
  });

  test("is given no variable that would rename the project or win over its secrets", async () => {
    const compose = await composeWith("", {
      COMPOSE_PROJECT_NAME: "evil",
      COMPOSE_FILE: "/evil.yaml",
      STACK_SECRET_JWT_SECRET: "evil",
      DOCKER_HOST: "tcp://engine:2375",
    });
    await compose.up(".stack/compose.yaml", { signal });
    const env = (await docker?.lastCall())?.env ?? {};
    expect(Object.entries(env).filter(([, value]) => value.includes("evil"))).toEqual([]);
    expect(env).toMatchObject({ DOCKER_HOST: "tcp://engine:2375" });
  });

  test("runs a program in a container, whatever that comes to", async () => {
    const compose = await composeWith("cat; echo oops >&2; exit 3");
    const input = new TextEncoder().encode("rows");
    await expect(compose.exec("housing", "airflow", ["python", "-"], { signal, input })).resolves.toEqual({
      exitCode: 3,
      stdout: "rows",
      stderr: "oops",
    });
  });
});

describe("a failure", () => {
  test("keeps the command, the exit code and the last lines", async () => {
    const compose = await composeWith('for i in $(seq 30); do echo "line $i" >&2; done; exit 17');
    const file = "/home/user/project/.stack/compose.yaml";
    await expect(compose.up(".stack/compose.yaml", { signal })).rejects.toMatchObject({
      code: "COMPOSE_FAILED",
      message: "docker compose ended with exit code 17: line 30.",
      facts: {
        command: `docker ${composeArgs.up(file).join(" ")}`,
        exitCode: 17,
        log: Array.from({ length: 20 }, (_, index) => `line ${index + 11}`),
      },
    });
  });

  test.each([
    "driver failed programming external connectivity on endpoint x-1 (4d0c): Bind for 127.0.0.1:8080 failed: port is already allocated",
    "driver failed programming: Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
  ])("to have a port names the port: %s", async (words) => {
    const compose = await composeWith(`echo 'Error response from daemon: ${words}' >&2; exit 1`);
    await expect(compose.up(".stack/compose.yaml", { signal })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      facts: { port: 8080 },
    });
  });

  test.each([
    [
      "container",
      "housing-mlflow-1",
      'Error response from daemon: Conflict. The container name "/housing-mlflow-1" is already in use by container "f0ff".',
    ],
    ["network", "housing_default", "network housing_default was found but has incorrect label set"],
  ])("to have a name names the foreign %s %s", async (kind, name, words) => {
    const compose = await composeWith(`echo '${words}' >&2; exit 1`);
    await expect(compose.up(".stack/compose.yaml", { signal })).rejects.toMatchObject({
      code: "NAME_TAKEN",
      hint: expect.stringContaining(` ${name}\``) as string,
      facts: { kind, name },
    });
  });

  test.each([
    ["the file", { file: ".stack/compose.yaml" }, "/.stack/compose.yaml"],
    ["a file that is gone, or nothing at all", { file: ".stack/lost.yaml" }, "--file=-"],
    ["nothing at all where there is no file", {}, "--file=-"],
  ])("to know a service without a container goes by %s", async (_, place, works) => {
    const lost = "could not find mlflow: not found";
    const compose = await composeWith(`case "$*" in *${works}*) ;; *) echo '${lost}' >&2; exit 1 ;; esac`);
    const down = compose.down("housing", { volumes: false, signal, ...place });
    await expect(down).resolves.toBeUndefined();
  });

  test("to take down for another reason is told as such, whatever else might work", async () => {
    const compose = await composeWith(
      `case "$*" in *--file=*) ;; *) echo 'no space left' >&2; exit 1 ;; esac`,
    );
    await expect(compose.down("housing", { volumes: false, signal })).rejects.toThrow("no space left");
  });

  test("that says nothing is told as such", async () => {
    const compose = await composeWith("exit 1");
    await expect(compose.down("housing", { volumes: false, signal })).rejects.toThrow(/it said nothing\.$/u);
  });

  test("without a docker command says what to install", async () => {
    const compose = createComposeCli({ dir: "/", env: { PATH: "/nowhere" }, hiddenPrefix: "STACK_SECRET_" });
    await expect(compose.up("compose.yaml", { signal })).rejects.toMatchObject({ code: "COMPOSE_MISSING" });
  });

  test("on Ctrl-C is an interruption", async () => {
    const compose = await composeWith("exec sleep 30");
    await expect(compose.up("compose.yaml", { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });
});

describe("versions", () => {
  test("are those of the plugins", async () => {
    const compose = await composeWith(
      'case $1 in compose) echo 2.26.1-4 ;; buildx) echo "github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3" ;; esac',
    );
    await expect(compose.versions(signal)).resolves.toEqual({ compose: "2.26.1-4", buildx: "0.13.1+ds1" });
  });

  test("are unknown for plugins that aren't installed", async () => {
    const compose = await composeWith("echo \"docker: '$1' is not a docker command\" >&2; exit 1");
    await expect(compose.versions(signal)).resolves.toEqual({ compose: undefined, buildx: undefined });
  });

  test("are not called missing when the question was interrupted", async () => {
    const compose = await composeWith("exec sleep 30");
    await expect(compose.versions(AbortSignal.timeout(50))).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
