/** Which colours of a text reach the terminal: none, the sixteen that are our own, or also those that a log brings. */
export type Colors = "none" | "own" | "all";

// With C1, which some terminals obey as they obey ESC, and the marks that have text read in another order.
const hidden = String.raw`[\u007F-\u009F\u202A-\u202E\u2066-\u2069]`;
const color = String.raw`\u001B\[[\d;:]*m`;
const lineEnd = String.raw`\r(?=\n|$)`;
const unseen = new RegExp(
  String.raw`(?<dropped>${color}|${lineEnd})|[\0-\u0008\u000B-\u001F]|${hidden}`,
  "gu",
);
const unseenInJson = new RegExp(hidden, "gu");
// What createPaint makes of bold, dim and colours, and what ends them.
const ownColor = /^.\[(?:1|2|22|3[1-6]|39)m$/u;

/**
 * Text that has no power over a terminal, whoever wrote it: a control character other than a line break or a tab is
 * shown as its code, "\x1b", and a colour that isn't wanted is left out.
 */
export function visible(text: string, colors: Colors): string {
  return text.replaceAll(unseen, (found: string, dropped: string | undefined) => {
    if (dropped === undefined) return codeOf(found);
    const isWanted = colors === "all" ? dropped !== "\r" : colors === "own" && ownColor.test(dropped);
    return isWanted ? dropped : "";
  });
}

/** JSON with the same value and none of the characters that `JSON.stringify` leaves to act on a terminal. */
export function visibleJson(json: string): string {
  return json.replaceAll(unseenInJson, (found) => `\\u${hex(found).padStart(4, "0")}`);
}

function codeOf(character: string): string {
  const code = hex(character);
  return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code}`;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
