import { describe, expect, test } from "vitest";
import { doctor } from "../../../../src/commands/doctor.ts";
import { StackError } from "../../../../src/lib/errors.ts";
import type { Check } from "../../../../src/stack/doctor/check.ts";
import { viewText } from "../../../support/fake-machine.ts";
import { createStackWorld, upOf, type StackWorld } from "../../../support/stack-world.ts";

const gib = 1024 ** 3;

async function checksOf(world: StackWorld): Promise<readonly Check[]> {
  return (await doctor(world.context())).report.checks;
}

async function check(world: StackWorld, name: string): Promise<Check | undefined> {
  return (await checksOf(world)).find((one) => one.name === name);
}

const notWell = (checks: readonly Check[]) => checks.filter(({ outcome }) => outcome !== "ok");

describe("a machine with nothing wrong", () => {
  test("and a stack that is up has no warning and no failure", async () => {
    const world = createStackWorld();
    await upOf(world);
    const { report, failure } = await doctor(world.context());
    expect(notWell(report.checks)).toEqual([]);
    expect(report).toMatchObject({ failures: 0, warnings: 0, skipped: [] });
    expect(failure).toBeUndefined();
  });

  test("and no project needs only its images built, and writes nothing", async () => {
    const world = createStackWorld();
    const { report, failure } = await doctor(world.context());
    expect(new Set(notWell(report.checks).map(({ outcome, fix }) => `${outcome} ${fix}`))).toEqual(
      new Set(["warning stack up"]),
    );
    expect(report.skipped.map(({ name }) => name)).toEqual(["mounts", "names", "certificates"]);
    expect(failure).toBeUndefined();
    expect(world.files.snapshot()).toEqual({});
    expect(world.files.dirs.size).toBe(0);
  });
});

describe("without an engine", () => {
  test("all that needs none is looked at, and the status is 3", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    world.env["STACK_PORT_AIRFLOW"] = "8080";
    world.system.heldPorts.set(8080, { pid: 42, command: "python -m http.server 8080" });
    const { report, failure } = await doctor(world.context());
    expect(failure).toMatchObject({
      code: "MACHINE_NOT_READY",
      status: 3,
      hint: "sudo systemctl start docker",
    });
    expect(report.checks).toContainEqual({
      name: "port airflow",
      about: "machine",
      outcome: "failure",
      text: "8080 is held by process 42 (python -m http.server 8080)",
      fix: "kill 42",
    });
    expect(report.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "docker command",
        "Compose",
        "buildx",
        "engine",
        "settings",
        "secrets",
        "minio",
      ]),
    );
    expect(report.skipped.map(({ name }) => name)).toContain("memory");
  });

  test.each([
    [{ host: "tcp://engine:2376", reason: "CERT_HAS_EXPIRED" }, "Renew it."],
    [{ context: "far" }, "Renew it."],
    [{ host: "unix:///var/run/docker.sock", reason: "ENOENT" }, "sudo systemctl start docker"],
    [{ host: "unix:///var/run/docker.sock", reason: "EACCES" }, "sudo usermod --append --groups docker me"],
  ])("the fix is for where it is: %j", async (facts, fix) => {
    const world = createStackWorld();
    const context = world.context.bind(world)();
    const off = new StackError("ENGINE_UNREACHABLE", "No engine.", { hint: "Renew it.", facts });
    const { report } = await doctor({ ...context, engine: async () => await Promise.reject(off) });
    expect(report.checks).toContainEqual(expect.objectContaining({ name: "engine", fix }));
  });

  test("nor a docker command, it says how to get one", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    world.machine.client = undefined;
    await expect(check(world, "docker command")).resolves.toMatchObject({
      outcome: "failure",
      fix: "sudo scripts/engine.sh",
    });
  });
});

describe("the machine", () => {
  const broken: readonly [string, (world: StackWorld) => void, Partial<Check>][] = [
    [
      "engine",
      ({ engine }) => void (engine.world.info = { ...engine.world.info, version: "20.10.24" }),
      { outcome: "failure", fix: "sudo scripts/engine.sh" },
    ],
    [
      "engine",
      ({ engine }) => void (engine.world.info = { ...engine.world.info, version: "31.0.0" }),
      {
        outcome: "ok",
        text: expect.stringMatching(/^31\.0\.0 works as far as is known;.*tested with 26/u) as string,
      },
    ],
    [
      "engine",
      ({ engine }) => void (engine.world.info = { ...engine.world.info, version: "26.1.5+dfsg1" }),
      { outcome: "ok", text: expect.stringMatching(/^26\.1\.5\+dfsg1(?!.*tested)/u) as string },
    ],
    [
      "engine storage",
      ({ engine }) => void (engine.world.info = { ...engine.world.info, storageDriver: "vfs" }),
      { outcome: "warning" },
    ],
    [
      "engine user",
      ({ engine }) => void (engine.world.info = { ...engine.world.info, security: ["rootless"] }),
      { outcome: "ok", text: expect.stringContaining("rootless") as string },
    ],
    [
      "Compose",
      ({ compose }) => void (compose.installed = { compose: "2.9.0", buildx: "0.13" }),
      { outcome: "failure" },
    ],
    [
      "Compose",
      ({ compose }) => void (compose.installed = { compose: "5.0.1", buildx: "0.13" }),
      { outcome: "ok", text: expect.stringMatching(/^5\.0\.1 works as far as is known/u) as string },
    ],
    [
      "buildx",
      ({ compose }) => void (compose.installed = { compose: "2.26.1", buildx: undefined }),
      { outcome: "failure" },
    ],
    [
      "disk",
      ({ system }) => void (system.diskBytes = gib / 2),
      { outcome: "failure", fix: "docker builder prune" },
    ],
    ["memory", ({ system }) => void (system.memoryBytes = gib / 2), { outcome: "warning" }],
    [
      "memory",
      ({ engine }) => void (engine.world.info = { ...engine.world.info, memoryBytes: gib }),
      { outcome: "failure" },
    ],
    [
      "clock",
      ({ engine }) => void (engine.world.skewMs = 90_000),
      { outcome: "failure", text: "the engine's clock is 90 s ahead of this machine's" },
    ],
    [
      "port s3",
      ({ system }) => void system.heldPorts.set(9000, undefined),
      { outcome: "warning", text: expect.stringContaining("the next start moves to a free port") as string },
    ],
    [
      "port mlflow",
      ({ engine, env }) => {
        engine.world.add({ project: "other", service: "mlflow", ports: [5000] });
        env["STACK_PORT_MLFLOW"] = "5000";
      },
      { outcome: "failure", fix: "docker stop other-mlflow-1" },
    ],
    [
      "proxies",
      ({ machine }) => void (machine.proxies = { http_proxy: "http://p:3128", no_proxy: "localhost" }),
      {
        outcome: "failure",
        fix: expect.stringContaining("airflow,airflow-api-server,mlflow,minio") as string,
      },
    ],
    [
      "proxies",
      ({ machine }) => void (machine.proxies = { http_proxy: "http://p:3128", no_proxy: "*" }),
      { outcome: "ok" },
    ],
    [
      "proxies",
      ({ machine }) => void (machine.ownProxies = { http_proxy: "http://p:3128" }),
      { outcome: "failure", fix: 'export NO_PROXY="$NO_PROXY,localhost"' },
    ],
  ];

  test.each(broken)("%s, changed: %s", async (name, change, expected) => {
    const world = createStackWorld();
    change(world);
    await expect(check(world, name)).resolves.toMatchObject(expected);
  });
});

describe("what a container sees", () => {
  const seen = async (change: Readonly<Record<string, string>>, name: string) => {
    const world = createStackWorld({ texts: { "dags/mine.py": "" } });
    await upOf(world);
    world.machine.view = (request) => ({ exitCode: 0, stdout: viewText(request, change), stderr: "" });
    return await check(world, name);
  };

  test.each([
    ["mounts", { "folder dags": "no" }, { outcome: "failure", fix: "chmod -R a+rX dags" }],
    [
      "mounts",
      {},
      { outcome: "ok", text: "dags, include, plugins can be read in containers, as user 50000" },
    ],
    ["names", { resolves: "no" }, { outcome: "warning" }],
    [
      "certificates",
      { tls: "60" },
      { outcome: "warning", fix: expect.stringContaining("update-ca-certificates") as string },
    ],
    ["certificates", { tls: "28" }, { outcome: "warning", text: expect.stringContaining("28") as string }],
  ])("%s with %j", async (name, change, expected) => {
    await expect(seen(change, name)).resolves.toMatchObject(expected);
  });

  test("is seen with the certificates that the user's settings trust, and with no other variable", async () => {
    const env = "env: { airflow: { SSL_CERT_FILE: /opt/airflow/include/ca.pem, MINE: x } }\n";
    const world = createStackWorld({ texts: { "stack.yaml": env, "include/ca.pem": "" } });
    await upOf(world);
    const seenWith: object[] = [];
    world.machine.view = (request) => {
      seenWith.push({ env: request.env, mount: request.mounts["/opt/airflow/include"] });
      return { exitCode: 0, stdout: viewText(request), stderr: "" };
    };
    await checksOf(world);
    const mount = "/home/user/project/include";
    expect(seenWith).toEqual([{ env: { SSL_CERT_FILE: "/opt/airflow/include/ca.pem" }, mount }]);
  });

  test("is seen with the machine's authorities, as a start gives them to containers, unless .env names others", async () => {
    const world = createStackWorld();
    world.caFile = "/etc/ssl/cert.pem";
    world.files.outside.set("/etc/ssl/cert.pem", "authorities");
    await upOf(world);
    const seenWith: object[] = [];
    world.machine.view = (request) => {
      seenWith.push({ env: request.env, mount: request.mounts["/opt/airflow/certificates"] });
      return { exitCode: 0, stdout: viewText(request), stderr: "" };
    };
    await checksOf(world);
    await world.files.write(".env", "SSL_CERT_FILE=/mine.pem\nMINE=x\n");
    await checksOf(world);
    const bundle = "/opt/airflow/certificates/ca-certificates.crt";
    const mount = "/home/user/project/.stack/certificates";
    expect(seenWith).toEqual([
      { env: { SSL_CERT_FILE: bundle, REQUESTS_CA_BUNDLE: bundle }, mount },
      { env: { SSL_CERT_FILE: "/mine.pem", REQUESTS_CA_BUNDLE: bundle }, mount },
    ]);
  });

  test("closed folders are SELinux's first where it is on", async () => {
    const world = createStackWorld({ texts: { "dags/mine.py": "" } });
    await upOf(world);
    world.engine.world.info = { ...world.engine.world.info, security: ["selinux"] };
    world.machine.view = (request) => ({
      exitCode: 0,
      stdout: viewText(request, { "folder dags": "no" }),
      stderr: "",
    });
    await expect(check(world, "mounts")).resolves.toMatchObject({ fix: "chcon -R -t container_file_t dags" });
  });

  test("nothing, when the container can't be run", async () => {
    const world = createStackWorld();
    await upOf(world);
    world.machine.view = () => ({ exitCode: 125, stdout: "", stderr: "docker: no such thing" });
    const { report } = await doctor(world.context());
    expect(report.skipped.map(({ name }) => name)).toEqual(["mounts", "names", "certificates"]);
  });
});

describe("the stack", () => {
  test("with a mistake in stack.yaml names it, looks at the rest, and ends with 4", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "bucket: X\n" } });
    const { report, failure } = await doctor(world.context());
    expect(failure).toMatchObject({ code: "STACK_DAMAGED", status: 4 });
    expect(notWell(report.checks)).toContainEqual(
      expect.objectContaining({
        name: "settings",
        text: expect.stringMatching(/^stack\.yaml:1:9: bucket: /u),
      }),
    );
    expect(report.checks.map(({ name }) => name)).toContain("memory");
  });

  test("with a mistake in another of its files names that, and looks at the rest", async () => {
    const world = createStackWorld({ texts: { "airflow_settings.yaml": "airflow: [1]\n" } });
    const { report, failure } = await doctor(world.context());
    expect(failure).toMatchObject({ code: "STACK_DAMAGED", facts: { checks: ["settings"] } });
    expect(notWell(report.checks)).toContainEqual(
      expect.objectContaining({
        name: "settings",
        text: expect.stringMatching(/^airflow_settings\.yaml:1:/u),
      }),
    );
    expect(report.checks.map(({ name }) => name)).toContain("memory");
  });

  test("of the classic line is looked at as it is, and with other versions in stack.yaml names its data", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "versions: classic\n" } });
    await upOf(world);
    expect(notWell(await checksOf(world))).toEqual([]);
    await world.files.write("stack.yaml", "project: housing\n");
    await expect(check(world, "versions")).resolves.toMatchObject({
      outcome: "failure",
      text: expect.stringContaining("holds data of the classic line") as string,
      fix: expect.stringContaining("`versions: classic`") as string,
    });
  });

  test("with packages of its own needs the image that has them, and no more room for it", async () => {
    const world = createStackWorld({ texts: { "requirements.txt": "cowsay\n" } });
    await upOf(world);
    await expect(check(world, "image project")).resolves.toMatchObject({ outcome: "ok" });
    world.system.diskBytes = 2 * gib;
    await world.files.write("requirements.txt", "cowsay\nsix\n");
    const { report } = await doctor(world.context());
    expect(notWell(report.checks).map(({ name, fix }) => `${name}: ${fix}`)).toEqual([
      "image project: stack up",
    ]);
    expect(report.skipped.map(({ name }) => name)).toEqual(["mounts", "names", "certificates"]);
  });

  test("with an MLflow elsewhere has no port, no image and no proxy to look at for one", async () => {
    const world = createStackWorld({
      texts: { "stack.yaml": "mlflow: { mode: remote, url: 'https://m.example' }\n" },
    });
    await upOf(world);
    world.system.heldPorts.set(5000, undefined);
    world.machine.proxies = {
      http_proxy: "http://p:3128",
      no_proxy: "airflow,airflow-api-server,minio,localhost",
    };
    const checks = await checksOf(world);
    expect(notWell(checks)).toEqual([]);
    expect(checks.map(({ name }) => name)).not.toEqual(expect.arrayContaining(["port mlflow"]));
    expect(checks.map(({ name }) => name)).not.toEqual(expect.arrayContaining(["image mlflow"]));
  });

  const damages: readonly [string, (world: StackWorld) => Promise<void>, Partial<Check>][] = [
    [
      "secrets",
      async ({ files }) => void files.files.delete(".stack/.env"),
      { outcome: "warning", text: expect.stringContaining("is gone") as string, fix: "stack up" },
    ],
    [
      "secrets",
      async ({ files }) => await files.write(".stack/.env", "STACK_SECRET_JWT_SEC", 0o600),
      { outcome: "failure", text: expect.stringContaining(".stack/.env:1") as string, fix: "stack up" },
    ],
    [
      "secrets",
      async ({ files }) => await files.write(".stack/.env", files.files.get(".stack/.env")?.text ?? ""),
      { outcome: "warning", fix: "chmod 600 .stack/.env" },
    ],
    [
      "state",
      async ({ files }) => await files.write(".stack/state.json", "{"),
      { outcome: "warning", fix: "stack up" },
    ],
    [
      "project files",
      async ({ files }) => void (files.isReadOnly = true),
      {
        outcome: "failure",
        text: expect.stringContaining("read-only") as string,
        fix: "findmnt --target /home/user/project",
      },
    ],
    [
      "project files",
      async ({ system }) => void (system.diskBytes = 1000),
      { outcome: "failure", text: expect.stringContaining("is full") as string },
    ],
    [
      "project files",
      async ({ files }) => void files.foreign.add(".stack/.env"),
      { outcome: "failure", fix: 'sudo chown -R "$(id -u):$(id -g)" .stack/.env' },
    ],
    [
      "image mlflow",
      async ({ engine }) => {
        for (const tag of engine.world.images.keys())
          if (tag.startsWith("stack-mlflow:")) engine.world.images.set(tag, {});
      },
      { outcome: "warning", text: expect.stringContaining("other contents") as string },
    ],
    [
      "image mlflow",
      async ({ engine }) => {
        for (const tag of engine.world.images.keys())
          if (tag.startsWith("stack-mlflow:")) engine.world.images.delete(tag);
      },
      { outcome: "warning", text: expect.stringContaining("has to be built") as string },
    ],
  ];

  test.each(damages)("%s, damaged: %s", async (name, damage, expected) => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    await upOf(world);
    await damage(world);
    await expect(check(world, name)).resolves.toMatchObject(expected);
  });

  test("with a dead service names it, with the command that shows why", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
    world.compose.behaviours.set("mlflow", {
      hasHealthcheck: true,
      healthyAfterMs: 0,
      exitsAfterMs: 50_000,
      exitCode: 1,
    });
    await upOf(world);
    await world.clock.sleep(60_000);
    const { failure } = await doctor(world.context());
    expect(failure).toMatchObject({ code: "STACK_DAMAGED", facts: { checks: ["service mlflow"] } });
    await expect(check(world, "service mlflow")).resolves.toMatchObject({ text: "exited (exit code 1)" });
  });

  test("that is paused is told how it comes back", async () => {
    const world = createStackWorld();
    await upOf(world);
    await world.engine.pause([...world.engine.world.containers.keys()]);
    await expect(check(world, "services")).resolves.toMatchObject({
      outcome: "warning",
      fix: "stack resume",
    });
  });

  test("whose limits of memory are more than the engine has names each of them", async () => {
    const text = "memory: { airflow: 64g, mlflow: 16g, minio: 512m, postgres: 16385m }\n";
    const world = createStackWorld({ texts: { "stack.yaml": text } });
    await upOf(world);
    const fixes = notWell(await checksOf(world)).map(({ name, outcome, fix }) => `${name} ${outcome} ${fix}`);
    expect(fixes).toEqual([
      "memory.postgres warning lower `memory.postgres` in stack.yaml, or leave it out",
      "memory.airflow warning lower `memory.airflow` in stack.yaml, or leave it out",
    ]);
  });

  test("tells MinIO's known flaws, and whether its ports are open", async () => {
    const world = createStackWorld();
    await upOf(world);
    await expect(check(world, "minio")).resolves.toMatchObject({
      outcome: "ok",
      text: expect.stringMatching(
        /CVE-2026-40344[^;]*; shielded by random keys, and ports on 127\.0\.0\.1 alone/u,
      ),
    });
    const published = await world.engine.publishedPorts();
    const also = (address: string): void => {
      const minio = published.find(({ service }) => service === "minio");
      world.engine.publishedPorts = async () => [
        ...published,
        ...(minio === undefined ? [] : [{ ...minio, port: 9100, address }]),
      ];
    };
    also("172.17.0.1");
    await expect(check(world, "minio")).resolves.toMatchObject({
      outcome: "ok",
      text: expect.stringMatching(/ports on 127\.0\.0\.1 and 172\.17\.0\.1 alone/u),
    });
    for (const address of ["0.0.0.0", "::", "192.0.2.7"]) {
      also(address);
      await expect(check(world, "minio")).resolves.toMatchObject({
        outcome: "failure",
        about: "stack",
        text: expect.stringContaining("port 9100 is open to the network"),
        fix: expect.stringContaining("docker-compose.override.yml"),
      });
    }
  });

  test("with images of the user's own says that they weren't tested", async () => {
    const world = createStackWorld({ texts: { "stack.yaml": "images: { minio: 'minio/minio:x' }\n" } });
    await expect(check(world, "minio")).resolves.toMatchObject({ outcome: "warning" });
    await expect(check(world, "image minio/minio:x")).resolves.toMatchObject({
      fix: "docker pull minio/minio:x",
    });
  });
});

test("one check that can't be made hides no other", async () => {
  const world = createStackWorld();
  await upOf(world);
  world.files.files.delete(".stack/state.json");
  world.files.dirs.set(".stack/state.json", 0o755);
  world.engine.imageLabels = async () => {
    world.engine.world.isOff = true;
    return await Promise.reject(new StackError("ENGINE_UNREACHABLE", "The Docker engine\nwent away."));
  };
  const checks = await checksOf(world);
  const failed = checks.filter(({ outcome }) => outcome === "failure");
  expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(["settings", "images", "state"]));
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["secrets", "memory", "minio", "clock"]),
  );
  for (const { text } of checks) expect(text).not.toContain("\n");
});

test("every check that isn't well has its fix, in one line", async () => {
  const world = createStackWorld();
  world.engine.world.info = {
    ...world.engine.world.info,
    version: "1.0",
    storageDriver: "vfs",
    memoryBytes: 1,
  };
  world.system.heldPorts.set(8080, undefined);
  for (const one of await checksOf(world)) {
    expect(one.text).not.toContain("\n");
    expect(one.fix === undefined).toBe(one.outcome === "ok");
  }
});
