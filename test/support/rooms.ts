import type { SourceFile } from "./source-file.ts";

export interface Room {
  /** Rooms whose values a file here may import. */
  readonly imports: readonly string[];
  /** Rooms of which it may import types only. */
  readonly types?: readonly string[];
  /**
   * The package each unit may import; a unit is a file of the room, or a folder of it: "s3" is s3.ts or s3/, "*" is any.
   * Units that share its first word may import the package's types.
   */
  readonly packages?: Readonly<Record<string, string>>;
  readonly nodeModules?: "all" | readonly string[];
  readonly noGlobals?: readonly string[];
  readonly noProperties?: readonly string[];
  /** When set, units of the room keep apart, but for these and for units that share a first word. */
  readonly sharedUnits?: readonly string[];
  readonly maxLines?: number;
}

export type Rooms = Readonly<Record<string, Room>>;

const MAX_LINES = 200;
const UNCLEAR_NAMES = /^(?:utils?|helpers?|common|manager|index)$/;
/** Node's way to programs has a way to a shell beside it; execa has one only for those who ask. */
const SHELLS = /^(?:node:)?child_process$/;
const KEBAB_CASE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What is wrong with these files, a sentence each; empty when they keep to the rooms. */
export function brokenRules(files: readonly SourceFile[], rooms: Rooms): string[] {
  return files.flatMap((file) => [
    ...brokenShape(file, rooms),
    ...brokenImports(file, rooms),
    ...brokenGlobals(file, rooms),
    ...brokenProperties(file, rooms),
  ]);
}

/** How `entry` comes to load one of `packages` at start-up, over static imports only; empty when it doesn't. */
export function eagerLoads(
  files: readonly SourceFile[],
  entry: string,
  packages: readonly string[],
): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  if (!byPath.has(entry)) return [`${entry} does not exist`];
  const seen = new Set([entry]);
  const trails: string[][] = [[entry]];
  const found: string[] = [];
  for (let trail = trails.shift(); trail; trail = trails.shift()) {
    for (const { target, kind } of byPath.get(trail.at(-1) ?? "")?.imports ?? []) {
      if (kind !== "static" || seen.has(target)) continue;
      seen.add(target);
      if (packages.includes(target)) found.push([...trail, target].join(" -> "));
      else trails.push([...trail, target]);
    }
  }
  return found;
}

function brokenShape({ path, lines, hasDefaultExport }: SourceFile, rooms: Rooms): string[] {
  const maxLines = rooms[roomOf(path)]?.maxLines ?? MAX_LINES;
  const names = path.replace(/\.ts$/, "").split("/");
  return [
    ...names
      .filter((name) => UNCLEAR_NAMES.test(name))
      .map((name) => `${path}: "${name}" says nothing about its job`),
    ...names.filter((name) => !KEBAB_CASE.test(name)).map((name) => `${path}: "${name}" is not kebab-case`),
    ...(lines > maxLines ? [`${path}: ${lines} lines, more than ${maxLines}`] : []),
    ...(hasDefaultExport ? [`${path}: has a default export`] : []),
  ];
}

function brokenImports(file: SourceFile, rooms: Rooms): string[] {
  const name = roomOf(file.path);
  const room = rooms[name];
  if (room === undefined) return [`${file.path}: belongs to no room`];
  return file.imports.flatMap(({ target, own, kind }) => {
    const typeOnly = kind === "type";
    const allowed = own
      ? mayImportOwn({ room, name, from: file.path, target, typeOnly })
      : mayImportForeign({ room, name, from: file.path, target, typeOnly });
    return allowed ? [] : [`${file.path}: must not import ${typeOnly ? "types from " : ""}${target}`];
  });
}

interface Import {
  readonly room: Room;
  readonly name: string;
  readonly from: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function mayImportOwn({ room, name, from, target, typeOnly }: Import): boolean {
  const targetRoom = roomOf(target);
  if (targetRoom !== name)
    return room.imports.includes(targetRoom) || (typeOnly && !!room.types?.includes(targetRoom));
  const unit = unitOf(target);
  return room.sharedUnits?.includes(unit) !== false || firstWord(unit) === firstWord(unitOf(from));
}

function mayImportForeign({ room, from, target, typeOnly }: Import): boolean {
  if (SHELLS.test(target)) return false;
  if (target.startsWith("node:")) return room.nodeModules === "all" || !!room.nodeModules?.includes(target);
  const unit = unitOf(from);
  return Object.entries(room.packages ?? {}).some(
    ([owner, name]) =>
      name === target &&
      (owner === "*" || owner === unit || (typeOnly && firstWord(owner) === firstWord(unit))),
  );
}

function brokenGlobals({ path, globals }: SourceFile, rooms: Rooms): string[] {
  const banned = rooms[roomOf(path)]?.noGlobals ?? [];
  return banned.filter((name) => globals.has(name)).map((name) => `${path}: must not use the global ${name}`);
}

function brokenProperties({ path, properties }: SourceFile, rooms: Rooms): string[] {
  const banned = rooms[roomOf(path)]?.noProperties ?? [];
  return banned
    .filter((name) => properties.has(name))
    .map((name) => `${path}: must not write the property ${name}`);
}

/** "stack/services/minio.ts" is in "stack", "cli.ts" is in "cli". */
function roomOf(path: string): string {
  return (path.split("/")[0] ?? "").replace(/\.ts$/, "");
}

/** The first name below the room: "adapters/s3.ts" and "adapters/s3/objects.ts" are both "s3". */
function unitOf(path: string): string {
  const [room = "", below = room] = path.split("/");
  return below.replace(/\.ts$/, "");
}

/** "airflow-api" and "airflow-session" are parts of the same thing. */
function firstWord(unit: string): string {
  return unit.split("-")[0] ?? unit;
}
