import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { composeFile, oneShots } from "../../../src/stack/compose-file.ts";
import type { ComposeFile } from "../../../src/stack/compose-types.ts";
import { airflowLayouts, airflowServices, type AirflowLayout } from "../../../src/stack/layout.ts";
import { renderCompose } from "../../../src/stack/render.ts";
import { isGiven, secretNames } from "../../../src/stack/secrets.ts";
import { defaultSpec, type StackSpec } from "../../../src/stack/spec.ts";
import { composePath, readSecrets } from "../../../src/stack/stack-folder.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

const images = { postgres: "postgres:x", minio: "minio:x", mlflow: "mlflow:x", airflow: "airflow:x" };
const base = defaultSpec("housing");

function specWith(change: Partial<StackSpec>, layout: AirflowLayout = base.airflow.layout): StackSpec {
  return { ...base, airflow: { ...base.airflow, layout }, ...change };
}

function fileOf(spec: StackSpec, projectDir = "/home/user/housing"): ComposeFile {
  return composeFile({ spec, images: { ...images, ...spec.images }, projectDir });
}

/** The services with this image. */
function servicesWith(image: string, file: ComposeFile): ComposeFile["services"][string][] {
  return Object.values(file.services).filter((service) => service.image === image);
}

describe.each(airflowLayouts)("with Airflow's components %s", (layout) => {
  const file = fileOf(specWith({}, layout));

  test("the default stack is this compose file", async () => {
    await expect(renderCompose(file)).toMatchFileSnapshot(`snapshots/compose-${layout}.yaml`);
  });

  test("every port is published on this machine alone", () => {
    const ports = Object.values(file.services).flatMap((service) => service.ports ?? []);
    expect(ports).toHaveLength(4);
    expect(ports).toEqual(ports.map((): unknown => expect.stringMatching(/^127\.0\.0\.1:\d+:\d+$/u)));
  });

  test("our own images are never pulled", () => {
    expect(Object.values(file.services).map((service) => service.pull_policy)).toEqual(
      Object.keys(file.services).map(() => "never"),
    );
  });

  test("Airflow is stopped before what its tasks use", () => {
    const { api, scheduler } = airflowServices(specWith({}, layout));
    for (const name of [api, scheduler]) {
      const first = Object.keys(file.services[name]?.depends_on ?? {});
      expect(first).toEqual(expect.arrayContaining(["postgres", "minio", "mlflow"]));
    }
  });

  test("what a service waits for exists, and every volume and config it mounts does", () => {
    const services = Object.values(file.services);
    const waitedFor = services.flatMap((service) => Object.keys(service.depends_on ?? {}));
    expect(waitedFor.filter((name) => !(name in file.services))).toEqual([]);
    const volumes = services
      .flatMap((service) => service.volumes ?? [])
      .flatMap((volume) => (typeof volume === "string" ? [volume.split(":")[0] ?? ""] : []));
    expect(new Set(volumes)).toEqual(new Set(Object.keys(file.volumes)));
    const configs = services.flatMap((service) => (service.configs ?? []).map(({ source }) => source));
    expect(new Set(configs)).toEqual(new Set(Object.keys(file.configs)));
  });

  test("the services that are asked for by name exist", () => {
    const { api, scheduler } = airflowServices(specWith({}, layout));
    expect(Object.keys(file.services)).toEqual(expect.arrayContaining([api, scheduler, "mlflow", "minio"]));
  });

  test("only services that end by themselves are one-shots", () => {
    const ending = Object.entries(file.services).flatMap(([name, { restart }]) =>
      restart === "no" ? [name] : [],
    );
    expect(oneShots(file).toSorted()).toEqual(ending.toSorted());
  });

  test("every service that stays has a healthcheck", () => {
    const unchecked = Object.entries(file.services).filter(
      ([, { healthcheck }]) => healthcheck === undefined,
    );
    expect(unchecked.map(([name]) => name).toSorted()).toEqual(oneShots(file).toSorted());
  });

  test("the text means the same when it is read again", () => {
    const text = renderCompose(file);
    expect(renderCompose(fileOf(specWith({}, layout)))).toBe(text);
    expect(parse(text)).toEqual(file);
  });
});

test("a value's control characters are written as codes, and read as themselves", () => {
  const values = { A: "\u001B[2J\u007F\u0085\u009B2J", B: "a: \u009Bb\r\n\0" };
  const text = renderCompose({ name: "x", services: {}, volumes: {}, configs: {}, networks: {} }, { values });
  expect(text).toMatch(/^[\n\u0020-\u007E]+$/u);
  expect(parse(text)).toMatchObject({ values });
});

test.each([...airflowLayouts, "classic"] as const)(
  "no text of the user's is filled in by Compose: %s",
  (kind) => {
    const hostile = "$HOME ${STACK_SECRET_POSTGRES_PASSWORD} $$ `a` 'b' \"c\"";
    const env = { A: hostile };
    const spec = specWith(
      {
        line: kind === "classic" ? "classic" : "current",
        env: { airflow: env, mlflow: env, postgres: env, minio: env },
        mlflow: {
          mode: "remote",
          url: "http://mlflow.test",
          login: hostile,
          passwordFile: undefined,
          caFile: undefined,
          experimentFolder: `/${hostile}`,
        },
      },
      kind === "classic" ? undefined : kind,
    );
    const text = JSON.stringify(fileOf(spec, `/home/${hostile}`)).replaceAll("$$", "");
    const filledIn = text.match(/\$.{0,20}/gu) ?? [];
    expect(filledIn.filter((found) => !found.startsWith("${STACK_SECRET_"))).toEqual([]);
    expect(text).not.toContain("$HOME");
  },
);

describe("what containers may do", () => {
  const own = {
    images: { postgres: "x/postgres:1", minio: "x/minio:1", mlflow: "x/mlflow:1", airflow: "x/airflow:1" },
  };
  const files = [
    ...airflowLayouts.map((layout) => fileOf(specWith({}, layout))),
    fileOf(specWith({ line: "classic" })),
    fileOf(specWith(own)),
  ];
  const services = files.flatMap((file) => Object.values(file.services));

  test("is bounded for every one of them", () => {
    for (const service of services)
      expect(service).toMatchObject({
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        pids_limit: expect.any(Number),
      });
  });

  test("includes what begins as root only for images of the user's own", () => {
    const allowed = services.filter(({ cap_add: added }) => added !== undefined).map(({ image }) => image);
    expect(new Set(allowed)).toEqual(new Set(Object.values(own.images)));
  });

  test("is not to write to the image where ours needs to write none of it", () => {
    const readOnly = services.filter((service) => service.read_only === true).map(({ image }) => image);
    expect(new Set(readOnly)).toEqual(new Set([images.minio, images.mlflow, images.postgres]));
  });

  test("has PostgreSQL's files written by ours itself, and brought to the user's own by Compose", () => {
    const ofOwn = fileOf(specWith(own));
    const { services: all, configs } = fileOf(specWith({}));
    const paths = ["/docker-entrypoint-initdb.d/10-databases.sh", "/run/postgresql/pg_hba.conf"];
    for (const path of paths) expect(all["postgres"]?.command?.join("\n")).toContain(`cat >${path}`);
    expect(ofOwn.services["postgres"]?.configs?.map(({ target }) => target)).toEqual(paths);
    expect(Object.keys(ofOwn.configs)).toEqual(
      expect.arrayContaining(["create-databases", "database-access"]),
    );
    expect(Object.keys(configs)).not.toContain("database-access");
  });

  test("is to reach PostgreSQL for those alone that have a database there", () => {
    for (const { services: all, networks } of files) {
      const within = Object.entries(all).filter(([, one]) => one.networks?.includes("database"));
      expect(
        within.map(([name]) => name).filter((name) => !/^(?:airflow|mlflow|postgres)/u.test(name)),
      ).toEqual([]);
      expect(all["postgres"]?.networks).toEqual(["database"]);
      expect(networks?.["database"]).toEqual({ internal: true });
    }
  });
});

describe("limits of memory", () => {
  const gib = 1024 ** 3;
  const limits = (spec: StackSpec, memoryBytes?: number) => {
    const inputs = { spec, images, projectDir: "/home/user/housing" };
    const { services } = composeFile(memoryBytes === undefined ? inputs : { ...inputs, memoryBytes });
    return Object.fromEntries(Object.entries(services).map(([name, one]) => [name, one.mem_limit]));
  };

  test("are shares of the engine's, in steps that a boot doesn't change", () => {
    const wanted = { postgres: "1536m", minio: "1536m", mlflow: "1536m", airflow: "2304m" };
    expect(limits(base, 3 * gib)).toEqual(wanted);
    expect(limits(base, 3 * gib + 1024 ** 2)).toEqual(wanted);
  });

  test("are those of the settings where these have some", () => {
    const spec = specWith({ memory: { airflow: "8g" } });
    expect(limits(spec, 3 * gib)).toMatchObject({ airflow: "8g", mlflow: "1536m" });
    expect(limits(spec)).toMatchObject({ airflow: "8g", mlflow: undefined });
  });
});

test("the text has no secret in it, only names of variables", async () => {
  const world = createStackWorld();
  await upOf(world);
  const text = world.files.files.get(composePath)?.text ?? "";
  const secrets = await readSecrets(world.files);
  const generated = secretNames.filter((name) => !isGiven(name));
  expect(text).toContain("${STACK_SECRET_S3_SECRET_KEY}");
  expect(generated.filter((name) => text.includes(secrets?.[name] ?? ""))).toEqual([]);
});

describe("the user's own images", () => {
  test.each(["postgres", "minio", "mlflow", "airflow"] as const)(
    "%s is pulled when it is missing",
    (name) => {
      const file = fileOf(specWith({ images: { [name]: "registry.example/own:1" } }));
      const own = servicesWith("registry.example/own:1", file);
      expect(own.length).toBeGreaterThan(0);
      expect(own.map((service) => service.pull_policy)).toEqual(own.map(() => undefined));
      const rest = Object.values(file.services).filter((service) => !own.includes(service));
      expect(rest.map((service) => service.pull_policy)).toEqual(rest.map(() => "never"));
    },
  );

  test("an Airflow without our launcher gets a container for each component", () => {
    const spec = specWith({ images: { airflow: "apache/airflow:3.3.2" } }, "together");
    expect(Object.keys(fileOf(spec).services)).toEqual(
      Object.keys(fileOf(specWith({}, "separate")).services),
    );
    expect(airflowServices(spec)).toEqual(airflowServices(specWith({}, "separate")));
  });
});

describe("what the user writes is taken literally", () => {
  /** As Compose reads it: `$$` is a dollar. */
  const read = (text: string | undefined) => text?.replaceAll("$$", "$");

  test.each(["postgres", "minio", "mlflow", "airflow"] as const)("in a variable of %s", (name) => {
    const value = "a$b ${HOME} $$ on";
    const spec = specWith({ env: { ...base.env, [name]: { EXTRA: value } } });
    const values = servicesWith(images[name], fileOf(spec)).flatMap(
      (service) => read(service.environment?.["EXTRA"]) ?? [],
    );
    expect(values.length).toBeGreaterThan(0);
    expect(new Set(values)).toEqual(new Set([value]));
  });

  test("in a variable that the stack sets too", () => {
    const spec = specWith({ env: { ...base.env, mlflow: { AWS_DEFAULT_REGION: "eu-west-1" } } });
    expect(fileOf(spec).services["mlflow"]?.environment).toMatchObject({ AWS_DEFAULT_REGION: "eu-west-1" });
  });

  test("in the path of the project folder", () => {
    const [service] = servicesWith(images.airflow, fileOf(base, "/home/user/$HOME: on"));
    const sources = (service?.volumes ?? []).flatMap((one) => (typeof one === "string" ? [] : [one.source]));
    expect(sources.map(read)).toEqual([
      "/home/user/$HOME: on/dags",
      "/home/user/$HOME: on/include",
      "/home/user/$HOME: on/plugins",
    ]);
  });
});

test.each(["on", "no", "True", "yes", "0o17", "1e3", "null", "~", "12:30:00", ""])(
  "the word %j stays a word for every reader of YAML",
  (word) => {
    const file = fileOf(specWith({ env: { ...base.env, mlflow: { WORD: word } } }));
    expect(renderCompose(file)).toMatch(new RegExp(`^ +WORD: (["'])${word}\\1$`, "mu"));
  },
);

test("without logins MLflow has no users, and tasks are given none but in the connection", () => {
  const { services } = fileOf(specWith({ mlflow: { mode: "local", auth: "none" } }));
  for (const service of ["mlflow", "airflow"]) {
    const names = Object.keys(services[service]?.environment ?? {});
    expect(names.filter((name) => /AUTH_ADMIN|MLFLOW_AUTH|MLFLOW_TASKS|TRACKING_USER/u.test(name))).toEqual(
      [],
    );
  }
  expect(services["airflow"]?.environment).toMatchObject({
    AIRFLOW_CONN_MLFLOW_DEFAULT: expect.stringContaining('"login":"mlflow"'),
    MLFLOW_TRACKING_URI: "http://mlflow:5000",
  });
});

describe.each(airflowLayouts)("with an MLflow elsewhere and Airflow's components %s", (layout) => {
  const mlflow = {
    mode: "remote",
    url: "https://mlflow.example:8443",
    login: 'a"$b',
    passwordFile: undefined,
    caFile: "ca.pem",
    experimentFolder: "",
  } as const;
  const { services } = fileOf(specWith({ mlflow }, layout));
  const airflow = services[airflowServices(specWith({}, layout)).scheduler];

  test("there is no MLflow, and nothing waits for one", () => {
    expect(Object.keys(services)).not.toContain("mlflow");
    expect(Object.values(services).flatMap((one) => Object.keys(one.depends_on ?? {}))).not.toContain(
      "mlflow",
    );
  });

  test("tasks are given its address, the login, and a reference to the password", () => {
    expect(airflow?.environment).toMatchObject({
      AIRFLOW_CONN_MLFLOW_DEFAULT:
        '{"conn_type":"http","host":"https://mlflow.example:8443","login":"a\\"$$b","password":"${STACK_SECRET_MLFLOW_ELSEWHERE_PASSWORD_JSON}"}',
      MLFLOW_TRACKING_URI: "https://mlflow.example:8443",
      MLFLOW_TRACKING_USERNAME: 'a"$$b',
      MLFLOW_TRACKING_PASSWORD: "${STACK_SECRET_MLFLOW_ELSEWHERE_PASSWORD}",
      ARTIFACT_ROOT: "",
    });
  });

  test("a token is given as one", () => {
    const token = fileOf(specWith({ mlflow: { ...mlflow, login: "token" } })).services["airflow"]
      ?.environment;
    expect(token).toHaveProperty("MLFLOW_TRACKING_TOKEN");
    expect(token).not.toHaveProperty("MLFLOW_TRACKING_USERNAME");
  });

  test("Databricks is given by its own variables", () => {
    const workspace = { ...mlflow, mode: "databricks", login: "token", experimentFolder: "/Shared" } as const;
    expect(fileOf(specWith({ mlflow: workspace })).services["airflow"]?.environment).toMatchObject({
      MLFLOW_TRACKING_URI: "databricks",
      DATABRICKS_HOST: mlflow.url,
      DATABRICKS_TOKEN: "${STACK_SECRET_MLFLOW_ELSEWHERE_PASSWORD}",
      MLFLOW_EXPERIMENT_FOLDER: "/Shared",
    });
  });
});

test("settings reach the services that they are for", () => {
  const spec = specWith({
    bucket: "artifacts",
    ports: { airflow: 18_080, mlflow: 15_000, s3: 19_000, console: 19_001 },
  });
  const { services } = fileOf(spec);
  expect(services[airflowServices(spec).api]).toMatchObject({
    ports: ["127.0.0.1:18080:8080"],
    environment: { ARTIFACT_BUCKET: "artifacts", AIRFLOW__API__BASE_URL: "http://localhost:18080" },
  });
  expect(services["mlflow"]).toMatchObject({ ports: ["127.0.0.1:15000:5000"] });
  expect(services["mlflow"]?.environment).toMatchObject({ MLFLOW_ARTIFACTS_DESTINATION: "s3://artifacts" });
  expect(services["minio"]).toMatchObject({ ports: ["127.0.0.1:19000:9000", "127.0.0.1:19001:9001"] });
});
