/** The variables that a .env file sets; values are Compose's to read. A quoted value may span lines. */
export function envNames(text: string): readonly string[] {
  const names: string[] = [];
  let open: string | undefined;
  for (const line of text.split(/\r?\n/u)) {
    if (open !== undefined) {
      if (closes(line, open)) open = undefined;
      continue;
    }
    const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$/u.exec(line) ?? [];
    if (name === undefined) continue;
    names.push(name);
    const quote = /^["']/u.exec(value)?.[0];
    if (quote !== undefined && !closes(value.slice(1), quote)) open = quote;
  }
  return names;
}

function closes(text: string, quote: string): boolean {
  return new RegExp(`(?:^|[^\\\\])${quote}`, "u").test(text);
}
