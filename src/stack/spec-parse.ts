import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type YAMLMap,
} from "yaml";
import { checkSettings, type Locate, type SettingsPath } from "./settings.ts";
import { settingsError } from "./settings-error.ts";
import type { Settings } from "./spec-schema.ts";

/** The text of stack.yaml as settings; an empty file has none. Throws CONFIG_INVALID as `readYaml` does. */
export function parseSettings(text: string, fileName: string): Settings {
  const { data, locate } = readYaml(text, fileName);
  return checkSettings(data ?? {}, locate);
}

// Two seconds of work, and more than anybody has written by hand.
const longestText = 1_000_000;

/**
 * A YAML text as plain data, and where its parts were written; with `merge`, "<<" takes in a mapping. Throws CONFIG_INVALID naming line, column,
 * what was found and what is allowed.
 */
export function readYaml(
  text: string,
  fileName: string,
  { merge = false }: { readonly merge?: boolean } = {},
): { readonly data: unknown; readonly locate: Locate } {
  if (text.length > longestText) {
    throw settingsError([`${fileName}: found ${text.length} characters; allowed: at most ${longestText}.`]);
  }
  const lines = new LineCounter();
  // The level keeps yaml from writing to standard error by itself.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error",
    merge,
    // Looked for below: yaml compares each key with all before it, which takes seconds for some thousands.
    uniqueKeys: false,
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${line}:${col}`;
  };

  // A warning is a tag that YAML doesn't know: a wrong type here, as much as an error is.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw settingsError(faults.map((fault) => `${place(fault.pos[0])}: ${describeFault(fault)}.`));
  }

  const unusable = findUnusable(document);
  if (unusable !== undefined)
    throw settingsError([`${place(unusable.offset)}: not valid YAML: ${unusable.reason}.`]);

  const repeated = repeatedKeys(document);
  if (repeated.length > 0) {
    throw settingsError(
      repeated.map((offset) => `${place(offset)}: not valid YAML: Map keys must be unique.`),
    );
  }

  const placeOfAlias = (): string => place(brokenAliasOffset(document));
  const offsetOf = createFinder(document);
  const locate: Locate = (path, part) => {
    const at = place(offsetOf(path, part));
    return path.length === 0 ? at : `${at}: ${path.join(".")}`;
  };
  return { data: toPlain(document, placeOfAlias), locate };
}

function describeFault({ code, message }: Document["errors"][number]): string {
  if (code === "MULTIPLE_DOCS") return "found a second document; allowed: one";
  return `not valid YAML: ${/call stack|Stack overflow/u.test(message) ? tooDeep : message}`;
}

const tooDeep = "it is nested too deeply";
// Levels; a mapping counts as two, itself and the pair in it.
const deepest = 200;

/** What YAML allows and no plain data can be: parts without end, or so deep that walking through them fails. */
function findUnusable(document: Document): { readonly offset: number; readonly reason: string } | undefined {
  let found: { readonly offset: number; readonly reason: string } | undefined;
  visit(document, {
    Node: (_, node, path) => {
      const isOfItself =
        isAlias(node) &&
        path.some((outer) => !isAlias(outer) && isNode(outer) && outer.anchor === node.source);
      if (!isOfItself && path.length <= deepest) return undefined;
      found = {
        offset: node.range?.[0] ?? 0,
        reason: isOfItself ? "an alias of what it is a part of" : tooDeep,
      };
      return visit.BREAK;
    },
  });
  return found;
}

/** Where a mapping has a key that it had before. */
function repeatedKeys(document: Document): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets;
}

function toPlain(document: Document, placeOfAlias: () => string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that expand beyond yaml's limit, or that name no anchor.
    const reason = error instanceof Error ? error.message : String(error);
    throw settingsError([`${placeOfAlias()}: not valid YAML: ${reason}.`], error);
  }
}

/** Of the first alias that names no anchor before it, else of the first one. */
function brokenAliasOffset(document: Document): number {
  const anchors = new Set<string>();
  let first: number | undefined;
  let broken: number | undefined;
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return;
      }
      const offset = node.range?.[0] ?? 0;
      first ??= offset;
      if (!anchors.has(node.source)) broken ??= offset;
    },
  });
  return broken ?? first ?? 0;
}

/** Finds where parts were written. A bad file may have thousands of bad ones, so that each mapping is searched once. */
function createFinder(document: Document): (path: SettingsPath, part: "key" | "value") => number {
  const known = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairsOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const pairs = known.get(map) ?? pairsByName(map);
    known.set(map, pairs);
    return pairs;
  };
  const partOf = (node: unknown, name: string | number): unknown => {
    if (isMap(node)) return pairsOf(node).get(String(name))?.value;
    return isSeq(node) ? node.items[Number(name)] : undefined;
  };
  return (path, part) => {
    const [name, ...outer] = path.toReversed();
    const parent = outer.reduceRight(partOf, document.contents);
    if (name !== undefined && isMap(parent)) {
      const pair = pairsOf(parent).get(String(name));
      const found = part === "value" && isNode(pair?.value) ? pair.value : pair?.key;
      if (isNode(found)) return found.range?.[0] ?? 0;
    }
    const item = isSeq(parent) ? parent.items[Number(name)] : undefined;
    if (isNode(item)) return item.range?.[0] ?? 0;
    return document.contents?.range?.[0] ?? 0;
  };
}

function pairsByName({ items }: YAMLMap): ReadonlyMap<string, Pair> {
  // Of 1 and "1" the first one.
  return new Map(
    items.toReversed().flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])),
  );
}
