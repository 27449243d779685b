const assignment = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$/u;

/**
 * The variables of a .env file by name. The values are near enough to Compose's reading to fill them in where a name is
 * used; containers are given the file itself. A quoted value may span lines.
 */
export function parseEnv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let open: { readonly name: string; readonly quote: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/u)) {
    const [, name, written = ""] = open === undefined ? (assignment.exec(line) ?? []) : [];
    const quote = /^["']/u.exec(written)?.[0];
    if (name !== undefined && quote === undefined) {
      values.set(name, written.replace(/(?:^|\s+)#.*$/u, "").trim());
    } else if (name !== undefined && quote !== undefined) {
      open = { name, quote, lines: [] };
    }
    if (open === undefined) continue;
    const part = open.lines.length === 0 && name !== undefined ? written.slice(1) : line;
    const end = closingAt(part, open.quote);
    open.lines.push(end === -1 ? part : part.slice(0, end));
    if (end === -1) continue;
    values.set(open.name, open.lines.join("\n").replaceAll(`\\${open.quote}`, open.quote));
    open = undefined;
  }
  return values;
}

/** Where a quote that no backslash takes away closes; -1 when none does. */
function closingAt(text: string, quote: string): number {
  const found = new RegExp(`(?<!\\\\)${quote}`, "u").exec(text);
  return found?.index ?? -1;
}
