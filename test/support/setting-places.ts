import { settingsSchema } from "../../src/stack/spec-schema.ts";

/** A place in stack.yaml that holds a value, and what kind of value. */
export interface SettingPlace {
  readonly path: readonly string[];
  readonly holds: "text" | "list" | "mapping";
}

/** What of a schema says where its values are. */
interface SchemaPart {
  readonly type: string;
  readonly pipe?: readonly SchemaPart[];
  readonly wrapped?: SchemaPart;
  readonly entries?: Readonly<Record<string, SchemaPart>>;
  readonly getter?: (input: unknown) => SchemaPart;
}

/** Every place that the schema knows, so that no test can forget a new key. */
export const settingPlaces: readonly SettingPlace[] = placesIn(settingsSchema, []);

function placesIn(schema: SchemaPart, path: readonly string[]): readonly SettingPlace[] {
  if (schema.wrapped !== undefined) return placesIn(schema.wrapped, path);
  // A value of two forms: a word, or a section.
  if (schema.getter !== undefined)
    return [...placesIn(schema.getter(""), path), ...placesIn(schema.getter({}), path)];
  const parts = schema.pipe ?? [schema];
  const entries = parts.find((part) => part.entries !== undefined)?.entries;
  if (entries !== undefined)
    return Object.entries(entries).flatMap(([key, inner]) => placesIn(inner, [...path, key]));
  const types = new Set(parts.map(({ type }) => type));
  return [{ path, holds: types.has("array") ? "list" : types.has("record") ? "mapping" : "text" }];
}
