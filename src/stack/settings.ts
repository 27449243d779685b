import { v } from "../lib/schema.ts";
import { settingsError } from "./settings-error.ts";
import { settingsSchema, type Settings, type SettingsIssue } from "./spec-schema.ts";

export type SettingsPath = readonly (string | number)[];

/** Where a setting was written: "stack.yaml:3:10: ports.airflow", or the name of a variable or flag. */
export type Locate = (path: SettingsPath, part: "key" | "value") => string;

/**
 * Foreign data as settings. Throws CONFIG_INVALID with one line for each problem: the place, what was
 * found there and what is allowed.
 */
export function checkSettings(raw: unknown, locate: Locate): Settings {
  const result = v.safeParse(settingsSchema, raw);
  if (result.success) return result.output;
  // Several rules of one value say the same when each of them is broken.
  throw settingsError([...new Set(result.issues.map((issue) => describeIssue(issue, locate)))]);
}

function describeIssue(issue: SettingsIssue, locate: Locate): string {
  const path = (issue.path ?? []).map((item) => (typeof item.key === "number" ? item.key : String(item.key)));
  // A strict object reports a key it doesn't know with "never" as what it expected.
  const isUnknownKey = issue.type === "strict_object" && issue.expected === "never";
  if (isUnknownKey) {
    const allowed = issue.message.replace(/^the keys /u, "");
    return `${locate(path, "key")}: found an unknown key; allowed: ${allowed}.`;
  }
  const part = issue.path?.at(-1)?.origin === "key" ? "key" : "value";
  return `${locate(path, part)}: found ${describeValue(issue.input)}; allowed: ${issue.message}.`;
}

const longestQuote = 60;

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value !== "string") return `${String(value)} (${typeof value})`;
  const quoted = JSON.stringify(value);
  return quoted.length <= longestQuote
    ? quoted
    : `${quoted.slice(0, longestQuote)}..." (${value.length} characters)`;
}
