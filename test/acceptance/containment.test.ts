import { readdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UpResult } from "../../src/stack/up.ts";
import { secretNames, type SecretName } from "../../src/stack/secrets.ts";
import { recordEachAttack } from "../support/fault-log.ts";
import { layoutFacts, layoutsToTry } from "../support/layouts.ts";
import { docker, dockerLines, output, run, type Finished } from "../support/run.ts";
import { createTestProject, settingsText, type TestProject } from "../support/test-project.ts";

interface Inspected {
  readonly HostConfig: {
    readonly Privileged: boolean;
    readonly NetworkMode: string;
    readonly PidMode: string;
    readonly IpcMode: string;
    readonly ReadonlyRootfs: boolean;
    readonly Memory: number;
    readonly PidsLimit: number;
  };
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Source: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** Where a container may try to connect to. */
interface Target {
  /** As the test tells of it. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Whose secrets the engine tells anybody who may ask it about a container. */
const needed: Readonly<Record<string, readonly SecretName[]>> = {
  postgres: ["POSTGRES_PASSWORD", "AIRFLOW_DB_PASSWORD", "MLFLOW_DB_PASSWORD"],
  minio: ["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"],
  mlflow: [
    "MLFLOW_ADMIN_PASSWORD",
    "MLFLOW_DB_PASSWORD",
    "MLFLOW_PASSWORD",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
  ],
  airflow: [
    "AIRFLOW_DB_PASSWORD",
    "FERNET_KEY",
    "API_SECRET",
    "JWT_SECRET",
    "MLFLOW_PASSWORD",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
  ],
  "airflow-migrate": ["AIRFLOW_DB_PASSWORD", "FERNET_KEY"],
};

/** Folders that are there to be written to, and an empty one of Debian's. */
const harmless =
  /^\/var\/(?:tmp|lock|log\/postgresql|lib\/postgresql|run\/postgresql)(?:\/|$)|^\/etc\/postgresql$/u;

/* Each test tries what a container must not be able to do. */
describe.each(layoutsToTry)("a container of the stack, Airflow's components %s", (layout) => {
  const { airflow, api, scheduler, completed } = layoutFacts[layout];
  const services = ["postgres", "minio", "mlflow", ...airflow];
  let project: TestProject;
  const secrets = new Map<SecretName, string>();
  const ids = new Map<string, string>();

  const inside = async (service: string, script: string, ...env: readonly string[]): Promise<Finished> => {
    const variables = env.flatMap((one) => ["--env", one]);
    return await run("docker", ["exec", ...variables, ids.get(service) ?? "", "bash", "-c", script]);
  };
  const inspect = async (service: string): Promise<Inspected> => {
    const [found] = JSON.parse(await docker("inspect", ids.get(service) ?? "")) as readonly Inspected[];
    if (found === undefined) throw new Error(`no container of ${service}`);
    return found;
  };
  /** What of this machine a container gets to read; certificates only where the machine has some of its own. */
  const readBy = async (service: string): Promise<readonly object[]> => {
    if (!airflow.includes(service)) return [];
    const hasCertificates = (await readdir(project.path(".stack"))).includes("certificates");
    const folders = ["dags", "include", "plugins"].map((name) => [name, name] as const);
    const own = [[".stack/certificates", "certificates"] as const].filter(() => hasCertificates);
    return [...own, ...folders].map(([from, to]) => ({
      Type: "bind",
      Source: project.path(from),
      Destination: `/opt/airflow/${to}`,
      RW: false,
    }));
  };
  const secretsIn = (text: string): readonly SecretName[] =>
    [...secrets].flatMap(([name, value]) => (text.includes(value) ? [name] : []));
  const enter = async (from: string, role: SecretName, user: string, database: string): Promise<Finished> => {
    const login = [
      `PGPASSWORD=${secrets.get(role) ?? ""}`,
      "PGHOST=postgres",
      `PGUSER=${user}`,
      `PGDATABASE=${database}`,
    ];
    return await inside(from, "psql -Atc 'select 1'", ...login, "PGCONNECT_TIMEOUT=4");
  };
  const connect = async (from: string, host: string, port: number): Promise<number> =>
    (await inside(from, `timeout 3 bash -c '</dev/tcp/${host}/${port}'`)).status;

  /** Every address that a container of the stack has, with each port that one of them listens on. */
  const addresses = async (): Promise<readonly Target[]> => {
    const ports = [5432, 9000, 9001, 5000, 8080];
    const found = await Promise.all(
      services.map(async (service) =>
        Object.entries((await inspect(service)).NetworkSettings.Networks).flatMap(
          ([network, { IPAddress: address }]) =>
            ports.map((port) => ({ name: `${service}:${port} by ${network}`, address, port })),
        ),
      ),
    );
    return found.flat();
  };
  /** The names of those that a container on this network, which is none of the stack's, connects to. */
  const openFrom = async (network: string, targets: readonly Target[]): Promise<readonly string[]> => {
    const image = await docker("inspect", "--format", "{{.Image}}", ids.get("postgres") ?? "");
    const script = `for target; do timeout 2 bash -c "</dev/tcp/$target" 2>/dev/null && echo "$target" & done; wait`;
    const foreign = ["run", "--rm", "--pull", "never", "--network", network, "--entrypoint", "bash", image];
    const paths = targets.map(({ address, port }) => `${address}/${port}`);
    const reached = (await output("docker", [...foreign, "-c", script, "bash", ...paths])).split("\n");
    return targets
      .filter((_, index) => reached.includes(paths[index] ?? ""))
      .map(({ name }) => name)
      .toSorted();
  };

  const up = async (settings: string): Promise<void> => {
    await writeFile(
      project.path("stack.yaml"),
      settingsText(
        project.name,
        project.ports,
        `${settings}\nmemory: { airflow: 2g }\nairflow: { layout: ${layout} }\n`,
      ),
    );
    const { status, json, stderr } = await project.stackJson<UpResult>("up");
    expect(status, `${JSON.stringify(json)}${stderr}`).toBe(0);
    for (const service of [...services, ...completed]) ids.set(service, await project.containerOf(service));
  };

  beforeAll(async () => {
    project = await createTestProject("contain");
    await up("buckets: [kept, dropped]");
    for (const name of secretNames) {
      const value = await project.secret(name);
      if (value !== "") secrets.set(name, value);
    }
  });
  afterAll(async () => {
    await project.dispose();
  });

  recordEachAttack("the container can't");

  test.each(services)("%s has no privilege, and no way to one", async (service) => {
    const { stdout } = await inside(service, "id -u; cat /proc/1/status");
    expect(Number(stdout.split("\n")[0])).toBeGreaterThan(0);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      expect(stdout).toMatch(new RegExp(`^${set}:\\s+0+$`, "mu"));
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/mu);
    // Root by the engine's leave is no more than that user.
    const root = await run("docker", [
      "exec",
      "--user",
      "0",
      ids.get(service) ?? "",
      "chown",
      "1",
      "/etc/passwd",
    ]);
    expect(root.status).not.toBe(0);
  });

  test.each(services)("%s shares nothing of this machine but what it is to read", async (service) => {
    const { HostConfig: host, Mounts: mounts } = await inspect(service);
    expect(host).toMatchObject({ Privileged: false, PidMode: "", IpcMode: "private" });
    expect(host.NetworkMode).toMatch(new RegExp(`^${project.name}_`, "u"));
    // All but the volumes, whichever way they were asked for.
    const shared = mounts.filter(({ Type }) => Type !== "volume");
    const told = shared.map(({ Type, Source, Destination, RW }) => ({ Type, Source, Destination, RW }));
    expect(told.toSorted((a, b) => a.Source.localeCompare(b.Source))).toEqual(await readBy(service));
    expect(host.Memory).toBeGreaterThan(0);
    expect(host.PidsLimit).toBeGreaterThan(0);
    expect(host.ReadonlyRootfs).toBe(!airflow.includes(service));
  });

  test.each(services)("%s can't change what its image brought", async (service) => {
    const { stdout } = await inside(
      service,
      "find /etc /usr /opt/venv /var -xdev -writable ! -type l 2>/dev/null",
    );
    const writable = stdout.split("\n").filter((path) => path !== "" && !harmless.test(path));
    expect(writable).toEqual([]);
    expect((await inside(service, "echo x >/usr/bin/psql || echo x >/etc/passwd")).status).not.toBe(0);
  });

  test("a task that wants too much memory is killed by itself", async () => {
    const before = await docker("inspect", "--format", "{{.State.StartedAt}}", ids.get(scheduler) ?? "");
    const { status } = await inside(scheduler, "exec python -c 'b\"x\" * 3 * 1024**3'");
    expect(status).toBe(137);
    const after = await docker(
      "inspect",
      "--format",
      "{{.State.StartedAt}} {{.State.Running}}",
      ids.get(scheduler) ?? "",
    );
    expect(after).toBe(`${before} true`);
  });

  test("PostgreSQL is reached by those who have a database there, and reaches nobody outside", async () => {
    for (const from of ["mlflow", ...airflow]) expect(await connect(from, "postgres", 5432), from).toBe(0);
    // By its address too: a name that means nothing there would be refused whatever the networks are.
    const { Networks: networks } = (await inspect("postgres")).NetworkSettings;
    const { Networks: others } = (await inspect("minio")).NetworkSettings;
    const postgres = networks[`${project.name}_database`]?.IPAddress ?? "";
    const minio = others[`${project.name}_default`]?.IPAddress ?? "";
    for (const host of ["postgres", postgres]) expect(await connect("minio", host, 5432), host).not.toBe(0);
    for (const host of ["minio", minio]) expect(await connect("postgres", host, 9000), host).not.toBe(0);
    expect(await connect(scheduler, postgres, 5432)).toBe(0);
    expect(await connect(scheduler, minio, 9000)).toBe(0);

    expect((await inside("postgres", "cat /proc/net/route")).stdout).not.toMatch(/^\w+\t00000000\t/mu);
    const gateway = await bridgeGateway();
    const { server, port } = await listen(gateway);
    expect(await connect(scheduler, gateway, port)).toBe(0);
    expect(await connect("postgres", gateway, port)).not.toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  test("no container of another project reaches one of the stack's, nor its ports on this machine", async () => {
    const gateway = await bridgeGateway();
    const published = Object.entries(project.ports).map(([name, port]) => ({
      name: `${name}'s port on this machine`,
      address: gateway,
      port,
    }));
    const { server, port } = await listen(gateway);
    const ofTest = { name: "the test's own port on this machine", address: gateway, port };
    const targets = [...(await addresses()), ...published, ofTest];
    expect(await openFrom("bridge", targets)).toEqual([ofTest.name]);

    // The same look-up finds them from where they may be reached: from the networks that they are on.
    const [outer, database] = [`${project.name}_default`, `${project.name}_database`];
    const served = [`${api}:8080`, "mlflow:5000"];
    const onOuter = [...served, "minio:9000", "minio:9001"].map((name) => `${name} by ${outer}`);
    const onDatabase = [...served, "postgres:5432"].map((name) => `${name} by ${database}`);
    expect(await openFrom(outer, targets)).toEqual([...onOuter, ofTest.name].toSorted());
    expect(await openFrom(database, await addresses())).toEqual(onDatabase.toSorted());
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ["airflow", scheduler, "AIRFLOW_DB_PASSWORD", "mlflow"],
    ["mlflow", "mlflow", "MLFLOW_DB_PASSWORD", "airflow"],
  ] as const)("%s's role enters its own database alone", async (name, from, password, other) => {
    expect((await enter(from, password, name, name)).stdout).toBe("1\n");
    for (const database of [other, "postgres", "template1"])
      expect((await enter(from, password, name, database)).stderr).toContain(
        "pg_hba.conf rejects connection",
      );
    // Nor as another's role, whose password it doesn't have.
    expect((await enter(from, password, other, other)).stderr).toContain("password authentication failed");
  });

  test("the keys of tasks are for the stack's buckets alone, as they are now", async () => {
    await docker("exec", ids.get("minio") ?? "", "mkdir", "/data/foreign");
    const ask = async (path: string, more = ""): Promise<string> => {
      const signed = `curl ${more} --silent --output /dev/null --write-out '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 --config <(printf 'user = "%s:%s"' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY")`;
      return (await inside(scheduler, `${signed} '${path.replace(/^/u, "http://minio:9000/")}'`)).stdout;
    };
    const answers = async (...paths: readonly string[]): Promise<readonly string[]> =>
      await Promise.all(paths.map(async (path) => await ask(path)));
    const administration = ["minio/admin/v3/info", "minio/admin/v3/list-users"];
    expect(await answers("mlflow", "kept", "dropped", "foreign", ...administration)).toEqual([
      "200",
      "200",
      "200",
      "403",
      "403",
      "403",
    ]);

    const put = "--request PUT --data of-the-test";
    expect([await ask("foreign/object", put), await ask("of-a-task", "--request PUT")]).toEqual([
      "403",
      "403",
    ]);
    expect([await ask("kept/object", put), await ask("kept/object", "--request DELETE")]).toEqual([
      "200",
      "204",
    ]);

    await up("buckets: [kept]");
    expect(await answers("mlflow", "kept", "dropped")).toEqual(["200", "200", "403"]);
  });

  test("no secret is told to whom it isn't for", async () => {
    for (const service of [...services, ...completed]) {
      const id = ids.get(service) ?? "";
      const itsOwn = needed[airflow.includes(service) ? "airflow" : service];
      expect(secretsIn(await docker("inspect", id)).toSorted(), service).toEqual(itsOwn?.toSorted());
      const { stdout, stderr } = await run("docker", ["logs", id]);
      expect(secretsIn(stdout + stderr), `the log of ${service}`).toEqual([]);
      const image = await docker("inspect", "--format", "{{.Image}}", id);
      const made = (await docker("history", "--no-trunc", image)) + (await docker("image", "inspect", image));
      expect(secretsIn(made), `the image of ${service}`).toEqual([]);
      // Nor the login of a proxy or an index that a build went through.
      expect(made, `the image of ${service}`).not.toMatch(/:\/\/[^\s/:@"']+:[^\s/@"']+@/u);
      if (completed.includes(service)) continue;
      expect(
        secretsIn((await dockerLines("top", id, "-eo", "pid,args")).join("\n")),
        `processes of ${service}`,
      ).toEqual([]);
    }
    expect(secretsIn((await run("cat", [project.path(".stack", "compose.yaml")])).stdout)).toEqual([]);
  });
});

/** This machine as containers on the engine's own network see it. */
async function bridgeGateway(): Promise<string> {
  return await docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}");
}

/** Takes connections at an address of this machine, on a port that is free. */
async function listen(host: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}
