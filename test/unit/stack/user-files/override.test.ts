import { describe, expect, test } from "vitest";
import type { Line } from "../../../../src/stack/lines.ts";
import { parseOverride } from "../../../../src/stack/user-files/override.ts";

const projectDir = "/home/user/my $project";
const parse = (
  text: string,
  layout: "together" | "separate" = "together",
  more: { readonly isMlflowElsewhere?: boolean; readonly line?: Line } = {},
) =>
  parseOverride(text, {
    projectDir,
    layout,
    line: "current",
    isMlflowElsewhere: false,
    ...more,
    variables: new Map([
      ["PORT", "9999"],
      ["WORD", "a$b"],
    ]),
  });

/** What a service of the user's own is on, to reach all of the stack's. */
const networks = { default: null, database: null };

describe("an override", () => {
  test("puts limits in place of the stack's, in whichever way they are written", () => {
    const text = `services:
  scheduler: { deploy: { resources: { limits: { memory: 4g, pids: 99, cpus: "1" } } } }
  minio: { mem_limit: 1g, deploy: { replicas: 1 } }
`;
    expect(parse(text).data).toMatchObject({
      services: {
        airflow: { mem_limit: "4g", pids_limit: 99, deploy: { resources: { limits: { cpus: "1" } } } },
        minio: { mem_limit: "1g", deploy: { replicas: 1 } },
      },
    });
  });

  test("leaves the user's own services on the networks that they name, PostgreSQL's with the default one", () => {
    const text = `services:
  named: { image: one, networks: [other] }
  astro: { image: one, networks: { airflow: { aliases: [two] }, other: null } }
  host: { image: one, network_mode: host }
`;
    expect(parse(text).data["services"]).toEqual({
      named: { image: "one", networks: ["other"] },
      astro: { image: "one", networks: { default: { aliases: ["two"] }, other: null, database: null } },
      host: { image: "one", network_mode: "host" },
    });
  });

  test("loses MLflow when that runs elsewhere, also where something depends on it", () => {
    const text = `services:
  mlflow: { environment: { A: "1" } }
  one: { image: "one", depends_on: [mlflow, scheduler] }
  two: { image: "two", depends_on: { mlflow: { condition: service_healthy } } }
`;
    const one = { image: "one", depends_on: ["mlflow", "airflow"], networks };
    expect(parse(text).data).toMatchObject({ services: { mlflow: { environment: { A: "1" } }, one } });
    expect(parse(text, "together", { isMlflowElsewhere: true })).toEqual({
      data: {
        services: {
          one: { ...one, depends_on: ["airflow"] },
          two: { image: "two", depends_on: {}, networks },
        },
      },
      notes: ["docker-compose.override.yml: the service mlflow is left out, since MLflow runs elsewhere"],
    });
  });

  const text = `version: "3"
x-env: &env { A: "1" }
services:
  scheduler: { environment: { <<: *env } }
  webserver: { environment: ["B=2"], networks: [airflow] }
  api-server: { ports: ["9999:8080"] }
`;

  test("of Astro's services is one of Airflow's container when all are together", () => {
    expect(parse(text)).toMatchObject({
      data: {
        services: {
          airflow: { environment: { A: "1", B: "2" }, networks: ["default"], ports: ["9999:8080"] },
        },
      },
      notes: [],
    });
  });

  test("of Astro's services is one of each container when they are apart", () => {
    expect(parse(text, "separate").data["services"]).toEqual({
      "airflow-scheduler": { environment: { A: "1" } },
      "airflow-api-server": { environment: ["B=2"], networks: ["default"], ports: ["9999:8080"] },
    });
  });

  test("of Astro's services is one of Airflow 2 on the classic line, which has no other for two of them", () => {
    const classic = `services:
  webserver: { environment: [A=1] }
  api-server: { environment: [B=1] }
  dag-processor: { environment: [C=1], depends_on: [webserver] }
  triggerer: { environment: [D=1] }
`;
    const { services } = parse(classic, "separate", { line: "classic" }).data;
    expect(services).toMatchObject({
      "airflow-webserver": { environment: { A: "1", B: "1" } },
      "airflow-scheduler": { environment: ["C=1"], depends_on: ["airflow-webserver"] },
      "airflow-triggerer": {},
    });
    expect(Object.keys(services as object)).toHaveLength(3);
  });

  test("finds files from the project folder, and Astro's home in Airflow's", () => {
    const { data } = parse(`services:
  scheduler:
    env_file: [local.env, { path: other.env, required: false }]
    volumes: ["./include:/usr/local/airflow/include:ro", "../x:/y", "named:/z", "~/.aws:/home/astro/.aws", { type: bind, source: ./a, target: /usr/local/airflow }]
  helper: { build: ./helper, env_file: .env, depends_on: [scheduler] }
  other: { build: { context: ., dockerfile: D } }
`);
    const dir = "/home/user/my $$project";
    expect(data["services"]).toEqual({
      airflow: {
        env_file: [`${dir}/local.env`, { path: `${dir}/other.env`, required: false }],
        volumes: [
          `${dir}/include:/opt/airflow/include:ro`,
          "/home/user/x:/y",
          "named:/z",
          "~/.aws:/home/astro/.aws",
          { type: "bind", source: `${dir}/a`, target: "/opt/airflow" },
        ],
      },
      helper: { build: `${dir}/helper`, env_file: [`${dir}/.env`], depends_on: ["airflow"], networks },
      other: { build: { context: dir, dockerfile: "D" }, networks },
    });
  });

  test("is filled in from the project's .env, the rest left to Compose", () => {
    const { data } = parse(
      "services: { own: { ports: ['${PORT}:80', '${PORT:-1}:1'], command: [$WORD, $$PORT, '${OTHER:-x}', $PORTS] } }",
    );
    expect(data["services"]).toEqual({
      own: { ports: ["9999:80", "9999:1"], command: ["a$$b", "$$PORT", "${OTHER:-x}", "$PORTS"], networks },
    });
  });

  test("cannot bring another MLflow or MinIO, but change the stack's own", () => {
    const { data, notes } = parse(`services:
  mlflow: { build: ./mlflow, ports: ["5000:5000"] }
  minio: { environment: { A: b } }
  scheduler: { image: mine, mem_limit: 1g }
networks: { airflow: { driver: bridge }, mine: {} }
`);
    expect(data).toEqual({
      services: { minio: { environment: { A: "b" } }, airflow: { mem_limit: "1g" } },
      networks: { mine: {} },
    });
    expect(notes).toEqual([
      "docker-compose.override.yml: the service mlflow is left out, since the stack brings its own",
      "docker-compose.override.yml: image and build of scheduler are left out; use Dockerfile or images.airflow",
    ]);
  });
});

test.each([
  ["[1]", "allowed: a mapping with services, volumes and networks"],
  ["services: [a]", "docker-compose.override.yml:1:11: services: allowed: a mapping of services"],
  ["services: { a: 1 }", "docker-compose.override.yml:1:16: services.a: allowed: a mapping of settings"],
])("%j is refused", (text, words) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(words) }),
  );
});

test("a service may have a name that JavaScript's objects have", () => {
  expect(Object.keys(Object(parse("services: { constructor: { image: a } }").data["services"]))).toEqual([
    "constructor",
  ]);
});

test("an empty one changes nothing", () => {
  expect(parse("# nothing\n")).toEqual({ data: { services: {} }, notes: [] });
});
