import { v } from "../../lib/schema.ts";

export interface HttpConnection {
  readonly url: string;
  readonly user: readonly [string, string];
}

const jsonForm = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    host: v.optional(v.string(), ""),
    port: v.optional(v.union([v.number(), v.string()])),
    login: v.optional(v.string(), ""),
    password: v.optional(v.string(), ""),
  }),
);

// A name that never resolves, so that a connection nobody can read fails as what it is.
const unreadable: HttpConnection = { url: "http://unreadable-connection.invalid", user: ["", ""] };

/** Airflow's two forms of an HTTP connection in a variable: JSON, or a URI. */
export function readConnection(text: string): HttpConnection {
  const json = v.safeParse(jsonForm, text);
  if (json.success) {
    const { host, port, login, password } = json.output;
    if (host === "") return unreadable;
    const base = /^https?:\/\//u.test(host) ? host : `http://${host}`;
    return {
      url: (port === undefined ? base : `${base}:${port}`).replace(/\/$/u, ""),
      user: [login, password],
    };
  }
  if (!URL.canParse(text)) return unreadable;
  const { host, username, password } = new URL(text);
  return { url: `http://${host}`, user: [decodeURIComponent(username), decodeURIComponent(password)] };
}
