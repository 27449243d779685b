import type { SecretEntry } from "../../stack/secrets.ts";
import type { Paint } from "../colors.ts";
import { formatTable } from "../format.ts";

/** A secret's bare value, for use in `$(...)`, or the list of names. */
export function renderSecretEntries(entries: readonly SecretEntry[], paint: Paint): string {
  const [only] = entries;
  if (entries.length === 1 && only?.value !== undefined) return only.value;
  const list = formatTable(entries.map(({ name, use }) => [paint.bold(name), use]));
  return `${list}\n\nShow one with \`stack secrets NAME\`.`;
}
