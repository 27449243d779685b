/*
 * Values of an env file as Compose reads it: a value in single quotes is literal, in double quotes a backslash
 * takes the meaning from a quote, a dollar and a backslash. No value can have a line break.
 */

/** `value` as it is written behind `NAME=`. */
export function quoteEnvValue(value: string): string {
  if (/^[\w=-]*$/u.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replaceAll(/[\\"$]/gu, String.raw`\$&`)}"`;
}

/** The value of what `quoteEnvValue` wrote; undefined for anything else. */
export function unquoteEnvValue(text: string): string | undefined {
  if (/^[\w=-]*$/u.test(text)) return text;
  if (/^'[^']*'$/u.test(text)) return text.slice(1, -1);
  return /^"(?:[^\\"$]|\\[\\"$])*"$/u.test(text)
    ? text.slice(1, -1).replaceAll(/\\([\\"$])/gu, "$1")
    : undefined;
}
