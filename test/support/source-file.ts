import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync, Visitor, type Program, type VisitorObject } from "oxc-parser";
import { freeNames } from "./free-names.ts";

export interface SourceImport {
  /** A path from the source root for our own files ("lib/poll.ts"), else the specifier as written. */
  readonly target: string;
  readonly own: boolean;
  /** `import type` and `export type` leave nothing behind at run time. */
  readonly kind: "static" | "dynamic" | "type";
}

export interface SourceFile {
  /** From the source root, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly SourceImport[];
  /** Names that are used but bound nowhere in the file. */
  readonly globals: ReadonlySet<string>;
  /** Names of properties that object literals write. */
  readonly properties: ReadonlySet<string>;
  readonly hasDefaultExport: boolean;
}

/** Every TypeScript file under `root`, parsed. */
export function readSourceFiles(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => parseSourceFile(path.replaceAll("\\", "/"), readFileSync(join(root, path), "utf8")))
    .toSorted((a, b) => a.path.localeCompare(b.path));
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const imports: SourceImport[] = [];
  new Visitor(importVisitor((specifier, kind) => imports.push({ ...resolve(path, specifier), kind }))).visit(
    program,
  );
  return {
    path,
    lines: text.trimEnd().split("\n").length,
    imports,
    globals: freeNames(program),
    properties: writtenProperties(program),
    hasDefaultExport: program.body.some(({ type }) => type === "ExportDefaultDeclaration"),
  };
}

function importVisitor(add: (specifier: string, kind: SourceImport["kind"]) => void): VisitorObject {
  const kindOf = (word: string | undefined) => (word === "type" ? "type" : "static");
  return {
    ImportDeclaration: (node) => add(node.source.value, kindOf(node.importKind)),
    ExportAllDeclaration: (node) => add(node.source.value, kindOf(node.exportKind)),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, kindOf(node.exportKind));
    },
    ImportExpression: ({ source }) =>
      add(
        source.type === "Literal" && typeof source.value === "string" ? source.value : "(computed)",
        "dynamic",
      ),
  };
}

function writtenProperties(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  new Visitor({
    ObjectExpression: ({ properties }) => {
      for (const property of properties) {
        if (property.type !== "Property") continue;
        const { key } = property;
        if (key.type === "Identifier") names.add(key.name);
        if (key.type === "Literal") names.add(String(key.value));
      }
    },
  }).visit(program);
  return names;
}

function resolve(path: string, specifier: string): Pick<SourceImport, "target" | "own"> {
  if (!specifier.startsWith(".")) return { target: specifier, own: false };
  return { target: posix.join(posix.dirname(path), specifier), own: true };
}
