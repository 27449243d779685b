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
