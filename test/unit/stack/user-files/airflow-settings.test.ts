import { describe, expect, test } from "vitest";
import { parseAirflowSettings } from "../../../../src/stack/user-files/airflow-settings.ts";

const none = { connections: [], variables: [], pools: [] };

test.each([
  "",
  "airflow:\n",
  // The file as a new Astro project has it.
  `airflow:
  connections:
    - conn_id:
      conn_type:
      conn_host:
      conn_schema:
      conn_login:
      conn_password:
      conn_port:
      conn_extra:
        example_extra_field: example-value
  pools:
    - pool_name:
      pool_slot:
      pool_description:
  variables:
    - variable_name:
      variable_value:
`,
])("%j holds nothing", (text) => {
  expect(parseAirflowSettings(text)).toEqual(none);
});

test("connections, variables and pools are read in all their forms", () => {
  const text = `airflow:
  connections:
    - { conn_id: api, conn_type: HTTP, conn_host: h, conn_port: "8443", conn_extra: { a: [1] } }
    - { conn_id: raw, conn_extra: '{"b": 2}', conn_login: 7 }
    - { conn_id: uri, conn_uri: "aws://k:s@/" }
  pools:
    - { pool_name: one, pool_slot: 3, pool_description: few }
    - { pool_name: two }
  variables:
    - { variable_name: text, variable_value: a }
    - { variable_name: number, variable_value: 5 }
    - { variable_name: mapping, variable_value: { a: 1 } }
    - { variable_name: empty }
`;
  const { connections, variables, pools } = parseAirflowSettings(text);
  expect(connections).toMatchObject([
    { id: "api", type: "http", host: "h", port: 8443, extra: '{"a":[1]}', login: undefined },
    { id: "raw", type: "generic", port: undefined, extra: '{"b": 2}', login: "7" },
    { id: "uri", type: "aws", login: "k", password: "s" },
  ]);
  expect(variables).toEqual([
    { key: "text", value: "a" },
    { key: "number", value: "5" },
    { key: "mapping", value: '{"a":1}' },
    { key: "empty", value: "" },
  ]);
  expect(pools).toEqual([
    { name: "one", slots: 3, description: "few" },
    { name: "two", slots: 1, description: undefined },
  ]);
});

test("keys of the user's own JSON are kept, whatever their names", () => {
  const { connections, variables } = parseAirflowSettings(`airflow:
  connections: [{ conn_id: a, conn_extra: { constructor: 1 } }]
  variables: [{ variable_name: v, variable_value: { prototype: 2 } }]
`);
  expect(connections[0]?.extra).toBe('{"constructor":1}');
  expect(variables[0]?.value).toBe('{"prototype":2}');
});

describe("what isn't right is refused with its place", () => {
  test.each([
    ["airflow: [1]\n", "airflow_settings.yaml:1:10: airflow: allowed: a mapping"],
    [
      "airflow:\n  pools:\n    - { pool_name: a, pool_slot: many }\n",
      "airflow_settings.yaml:3:34: airflow.pools.0.pool_slot: allowed: a whole number",
    ],
    [
      "airflow:\n  connections:\n    - { conn_id: a, conn_port: x }\n",
      "airflow.connections.0.conn_port: allowed: a port number",
    ],
    [
      "airflow:\n  connections:\n    - { conn_id: a, conn_uri: x }\n",
      "airflow.connections.0.conn_uri: found no URI",
    ],
    ["airflow:\n  connections:\n    - { conn_id: a, con_host: x }\n", "allowed: the keys conn_id, conn_type"],
    ["a: [", "airflow_settings.yaml:1:5: not valid YAML"],
  ])("%j", (text, words) => {
    expect(() => parseAirflowSettings(text)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(words) }),
    );
  });
});
