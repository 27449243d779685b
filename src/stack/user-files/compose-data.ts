/** A compose file, or a part of one, as plain data. */
export type Data = Readonly<Record<string, unknown>>;

export function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function mapValues(data: Data, change: (value: unknown, key: string) => unknown): Data {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, change(value, key)]));
}

/** Compose's two forms of a mapping: one, or a list of "name=value". */
export function toMapping(value: unknown): unknown {
  if (!isList(value)) return value;
  return Object.fromEntries(
    value.map(String).map((item) => {
      const at = item.indexOf("=");
      return at === -1 ? [item, null] : [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}

const reference = /\$(?:\$|\{(\w+)(?::?-[^}]*|:?\?[^}]*)?\}|(\w+))/gu;

/**
 * Plain data with the variables that are known filled in, wherever a text refers to them as Compose would. Others are
 * left to Compose.
 */
export function fillIn(value: unknown, variables: ReadonlyMap<string, string>): unknown {
  if (isList(value)) return value.map((item) => fillIn(item, variables));
  if (isData(value)) return mapValues(value, (item) => fillIn(item, variables));
  if (typeof value !== "string") return value;
  return value.replaceAll(reference, (whole, braced: string | undefined, bare: string | undefined) => {
    const known = variables.get(braced ?? bare ?? "");
    // Compose reads the result once more.
    return known === undefined ? whole : known.replaceAll("$", "$$$$");
  });
}
