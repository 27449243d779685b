/** One instruction with its continuation lines and here-documents, as written. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  readonly text: string;
  /** The line it begins on, from 1. */
  readonly line: number;
}

/** The instructions of a Dockerfile; comments between them are left out. */
export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text.split(/\r?\n/u);
  const instructions: Instruction[] = [];
  let at = 0;
  /** The lines from here to the last one of a piece, and goes past them. */
  const take = (isLast: (line: string) => boolean): readonly string[] => {
    const start = at;
    while (at < lines.length && !isLast(lines[at] ?? "")) at++;
    return lines.slice(start, ++at);
  };
  while (at < lines.length) {
    const line = at + 1;
    const keyword = /^\s*([A-Za-z]+)(?:\s|$)/u.exec(lines[at] ?? "")?.[1];
    if (keyword === undefined) {
      at++;
      continue;
    }
    const parts = [...take((one) => !continues(one))];
    for (const end of hereDocuments(keyword, parts.join("\n")))
      parts.push(...take((one) => one.replace(/^\t+/u, "") === end));
    instructions.push({ keyword: keyword.toUpperCase(), text: parts.join("\n"), line });
  }
  return instructions;
}

/** A comment inside a continued instruction continues it too. */
function continues(line: string): boolean {
  return /\\\s*$/u.test(line) || /^\s*#/u.test(line);
}

function hereDocuments(keyword: string, text: string): readonly string[] {
  if (!/^(?:RUN|COPY|ADD)$/iu.test(keyword)) return [];
  return [...text.matchAll(/<<-?\s*(["']?)([A-Za-z_]\w*)\1/gu)].map(([, , name = ""]) => name);
}

/** The image of a FROM, its `ARG`s filled in by their defaults. */
export function imageOfFrom({ text }: Instruction, globalArgs: ReadonlyMap<string, string>): string {
  const words = text.trim().split(/\s+/u).slice(1);
  const image = words.find((word) => !word.startsWith("--")) ?? "";
  return image.replaceAll(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/gu,
    (_, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
      globalArgs.get(braced ?? bare ?? "") ?? fallback ?? "",
  );
}

/** Paths below the build context that an instruction copies from; a pattern counts as the folder it starts in. */
export function sourcesOf({ keyword, text }: Instruction): readonly string[] {
  if (keyword === "RUN") return /--mount=\S*type=bind(?!\S*from=)/u.test(text) ? ["."] : [];
  if (keyword !== "COPY" && keyword !== "ADD") return [];
  const words = text
    .replaceAll(/\\\s*\n/gu, " ")
    .trim()
    .split(/\s+/u)
    .slice(1);
  const flags = words.filter((word) => word.startsWith("--"));
  if (flags.some((flag) => flag.startsWith("--from="))) return [];
  const rest = words.filter((word) => !word.startsWith("--")).join(" ");
  const paths = rest.startsWith("[")
    ? [...rest.matchAll(/"([^"]*)"/gu)].map(([, path = ""]) => path)
    : rest.split(" ");
  return paths
    .slice(0, -1)
    .filter((path) => !path.startsWith("<<") && !/^(?:https?|git):\/\/|^git@/u.test(path))
    .map(fixedPart);
}

/** "conf/*.cfg" as "conf"; a variable could be anything, so it stands for the whole context. */
function fixedPart(path: string): string {
  const parts = path.replace(/^\/+/u, "").split("/");
  const open = parts.findIndex((part) => /[*?[$]/u.test(part));
  const fixed = (open === -1 ? parts : parts.slice(0, open)).filter((part) => part !== "" && part !== ".");
  return fixed.length === 0 || fixed.includes("..") ? "." : fixed.join("/");
}
