import type { SecretEntry } from "../../stack/secrets.ts";
import type { UpResult } from "../../stack/up.ts";
import type { Paint } from "../colors.ts";
import { formatTable } from "../format.ts";
import { renderUp } from "./up.ts";

/** A secret's bare value, for use in `$(...)`, or the list of names. */
export function renderSecretEntries(entries: readonly SecretEntry[], paint: Paint): string {
  const [only] = entries;
  if (entries.length === 1 && only?.value !== undefined) return only.value;
  const list = formatTable(entries.map(({ name, use }) => [paint.bold(name), use]));
  return `${list}\n\nShow one with \`stack secrets NAME\`.`;
}

export function renderRotation(result: UpResult, paint: Paint): string {
  const headline = `Every password and key of the stack ${result.project} is new; the old ones open nothing any more.`;
  return `${paint.bold(headline)}\n${renderUp(result, paint)}`;
}
