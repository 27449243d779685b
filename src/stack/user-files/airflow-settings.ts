import { v } from "../../lib/schema.ts";
import type { AirflowConnection, AirflowObjects } from "../service-ports.ts";
import { settingsError } from "../settings-error.ts";
import { readYaml } from "../spec-parse.ts";
import { isData, type Data } from "./compose-data.ts";
import { connectionFromUri } from "./connection-uri.ts";

export const airflowSettingsPath = "airflow_settings.yaml";

const text = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], "a string, a number or a boolean"),
  v.transform(String),
);
const optional = v.nullish(text);
// A mapping of the validator's own would leave out keys such as "constructor" without a word.
const mapping = v.custom<Data>(isData);
const json = v.nullish(v.union([v.string(), mapping], "a mapping or a JSON string"));
const listOf = <const T extends v.ObjectEntries>(entries: T) =>
  v.nullish(v.array(v.strictObject(entries, `the keys ${Object.keys(entries).join(", ")}`), "a list"), []);

const rule = "a mapping with connections, variables and pools";
const sections = v.pipe(
  v.unknown(),
  // To the validator a list is an object too.
  v.check((value) => !Array.isArray(value), rule),
  v.object(
    {
      connections: listOf({
        conn_id: optional,
        conn_type: optional,
        conn_host: optional,
        conn_schema: optional,
        conn_login: optional,
        conn_password: optional,
        conn_port: v.nullish(
          v.pipe(
            v.union([v.number(), v.string()], "a port number"),
            v.check((port) => /^\d{0,5}$/u.test(String(port)), "a port number"),
          ),
        ),
        conn_uri: optional,
        conn_extra: json,
      }),
      variables: listOf({
        variable_name: optional,
        variable_value: v.nullish(
          v.union([text, v.array(v.unknown()), mapping], "a string, a number, a list or a mapping"),
        ),
      }),
      pools: listOf({
        pool_name: optional,
        pool_slot: v.nullish(v.pipe(v.number("a whole number"), v.integer("a whole number"))),
        pool_description: optional,
      }),
    },
    rule,
  ),
);
const schema = v.object({ airflow: v.nullish(sections) }, "a mapping with the key airflow");

type Entry = NonNullable<NonNullable<v.InferOutput<typeof schema>["airflow"]>["connections"]>[number];

/**
 * The connections, variables and pools of airflow_settings.yaml; entries without a name, as in the file that
 * `astro dev init` makes, are none. Throws CONFIG_INVALID naming line and column.
 */
export function parseAirflowSettings(fileText: string): AirflowObjects {
  const { data, locate } = readYaml(fileText, airflowSettingsPath);
  const result = v.safeParse(schema, data ?? {});
  if (!result.success) {
    const problems = result.issues.map((issue) => {
      const path = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
      return `${locate(path, "value")}: allowed: ${issue.message}.`;
    });
    throw settingsError([...new Set(problems)]);
  }
  const { connections, variables, pools } = result.output.airflow ?? {};
  return {
    connections: (connections ?? []).flatMap((entry, index) => {
      const id = given(entry.conn_id);
      return id === undefined
        ? []
        : [connectionFrom(id, entry, () => locate(["airflow", "connections", index, "conn_uri"], "value"))];
    }),
    variables: (variables ?? []).flatMap(({ variable_name: name, variable_value: value }) => {
      const key = given(name);
      if (key === undefined) return [];
      return [
        { key, value: typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? "") },
      ];
    }),
    pools: (pools ?? []).flatMap(({ pool_name: poolName, pool_slot: slots, pool_description: words }) => {
      const name = given(poolName);
      return name === undefined ? [] : [{ name, slots: slots ?? 1, description: given(words) }];
    }),
  };
}

function connectionFrom(id: string, entry: Entry, place: () => string): AirflowConnection {
  const uri = given(entry.conn_uri);
  if (uri !== undefined) {
    const connection = connectionFromUri(id, uri);
    if (connection === undefined)
      throw settingsError([`${place()}: found no URI; allowed: type://login:password@host:port/schema.`]);
    return connection;
  }
  const extra = entry.conn_extra;
  return {
    id,
    type: given(entry.conn_type)?.toLowerCase() ?? "generic",
    host: given(entry.conn_host),
    port: (entry.conn_port ?? "") === "" ? undefined : Number(entry.conn_port),
    login: given(entry.conn_login),
    password: given(entry.conn_password),
    schema: given(entry.conn_schema),
    extra: extra === null || extra === undefined ? undefined : jsonText(extra),
    description: undefined,
  };
}

/** The template that `astro dev init` makes has a key and a value there that only show the form. */
function jsonText(extra: string | Readonly<Record<string, unknown>>): string | undefined {
  if (typeof extra === "string") return extra === "" ? undefined : extra;
  return Object.keys(extra).length === 0 ? undefined : JSON.stringify(extra);
}

function given(value: string | null | undefined): string | undefined {
  return value === null || value === "" ? undefined : value;
}
