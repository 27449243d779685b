import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StackError } from "../../../../src/lib/errors.ts";
import { parseDockerfile, sourcesOf } from "../../../../src/stack/layer/dockerfile.ts";
import { renderCompose } from "../../../../src/stack/render.ts";
import { parseAirflowSettings } from "../../../../src/stack/user-files/airflow-settings.ts";
import { connectionFromUri } from "../../../../src/stack/user-files/connection-uri.ts";
import { parseEnv } from "../../../../src/stack/user-files/env-file.ts";
import { parseOverride } from "../../../../src/stack/user-files/override.ts";
import { arbitraryYaml } from "../../../support/arbitrary-yaml.ts";

/** What is wrong with a refusal: one without a place, or anything thrown but CONFIG_INVALID. */
function faultOf(work: () => unknown, place: RegExp): string {
  try {
    work();
    return "";
  } catch (error) {
    if (!(error instanceof StackError) || error.code !== "CONFIG_INVALID") throw error;
    return place.test(error.message) && error.status === 2 ? "" : error.message;
  }
}

const readOverride = (text: string): string => {
  const { data } = parseOverride(text, {
    projectDir: "/home/user/housing",
    layout: "together",
    line: "current",
    variables: new Map([["A", "$B"]]),
    isMlflowElsewhere: false,
  });
  const services = { airflow: { image: "airflow:x", environment: { A: "b" } } };
  return renderCompose({ name: "x", services, volumes: {}, configs: {}, networks: {} }, data);
};

const serviceKeys = "image build volumes environment networks depends_on deploy env_file labels ports".split(
  " ",
);
const serviceNames = ["airflow", "scheduler", "postgres", "mine", "constructor", "__proto__"];
const settingNames = "conn_id conn_type conn_port conn_uri conn_extra variable_name variable_value".split(
  " ",
);

const scalar = fc.oneof(
  fc.constantFrom(null, true, "./a:/b", "$A", "${A:-b}", "a://b", "http://%zz@x", ".."),
  fc.integer(),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...serviceKeys, ...settingNames, "limits", "constructor"), tie("tree"), {
      maxKeys: 3,
    }),
  ),
}));
const body = fc.dictionary(fc.constantFrom(...serviceKeys), tree, { maxKeys: 4 });
/** Every JSON text is one of YAML's. */
const overrideData = fc
  .record({
    services: fc.oneof(tree, fc.dictionary(fc.constantFrom(...serviceNames), fc.oneof(body, tree))),
    networks: tree,
    volumes: tree,
  })
  .map((value) => JSON.stringify(value));
const entry = fc.dictionary(fc.constantFrom(...settingNames), tree, { maxKeys: 4 });
const list = fc.oneof(tree, fc.array(entry, { maxLength: 3 }));
const settingsData = fc
  .record({ airflow: fc.oneof(tree, fc.record({ connections: list, variables: list, pools: list })) })
  .map((value) => JSON.stringify(value));

test("any docker-compose.override.yml makes a compose file or is refused with its place", () => {
  const texts = arbitraryYaml(["services", "networks", "volumes", ...serviceKeys, ...serviceNames]);
  fc.assert(
    fc.property(fc.oneof(texts, overrideData), (text) => {
      expect(faultOf(() => readOverride(text), /docker-compose\.override\.yml:\d+:\d+: /u)).toBe("");
    }),
    { numRuns: 1500 },
  );
});

test("any airflow_settings.yaml is read or refused with its place", () => {
  const texts = arbitraryYaml(["airflow", "connections", "variables", "pools", ...settingNames]);
  fc.assert(
    fc.property(fc.oneof(texts, settingsData), (text) => {
      expect(faultOf(() => parseAirflowSettings(text), /airflow_settings\.yaml:\d+:\d+: /u)).toBe("");
    }),
    { numRuns: 1500 },
  );
});

test("any .env, Dockerfile and connection URI is read", () => {
  const piece = fc.constantFrom(
    ..."A = ' \" \\ \n \r\n # export RUN COPY <<E --from=x [ ] : / @ % ? \0 $".split(" "),
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(" ")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, (written) => {
      for (const name of parseEnv(written).keys()) expect(name).toMatch(/^[A-Za-z_][\w.-]*$/u);
      for (const path of parseDockerfile(written).flatMap(sourcesOf))
        expect(path.split("/")).not.toContain(path === "." ? "" : "..");
      expect(connectionFromUri("it", `a://${written}`)?.type ?? "a").toBe("a");
    }),
    { numRuns: 1500 },
  );
});

test.each([
  ["an alias of what it is a part of", "services: &a { x: *a }"],
  ["the same under a merge", "services: &a\n  <<: *a\n"],
  ["aliases that multiply", `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${bomb()}`],
  ["a part too deep", `services: ${"[".repeat(250)}${"]".repeat(250)}`],
  ["a part deeper than the parser goes", `services: ${"[".repeat(20_000)}`],
])("%s is refused with its place, in few lines", (_, text) => {
  for (const read of [readOverride, parseAirflowSettings]) {
    expect(faultOf(() => read(text), /\.ya?ml:\d+:\d+: not valid YAML/u)).toBe("");
    expect(() => read(text)).toThrow(/^.*(?:\n.*){0,21}$/u);
  }
});

function bomb(): string {
  const lines = Array.from({ length: 8 }, (_, at) => {
    const aliases = Array.from({ length: 9 }, () => `*a${at}`);
    return `a${at + 1}: &a${at + 1} [${aliases.join(", ")}]`;
  });
  return lines.join("\n");
}
