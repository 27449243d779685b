import { createHash } from "node:crypto";
import { posix } from "node:path";
import { StackError } from "../../src/lib/errors.ts";
import type { ProjectFiles } from "../../src/stack/ports.ts";

interface FakeFile {
  readonly text: string;
  readonly mode: number;
}

export interface FakeFiles extends ProjectFiles {
  /** Every file of the project, by its path. */
  readonly files: Map<string, FakeFile>;
  /** Every folder of the project, with its mode. */
  readonly dirs: Map<string, number>;
  /** Files elsewhere on the machine. */
  readonly outside: Map<string, string>;
  /** Whether writing fails, as on a full disk. */
  isFull: boolean;
  /** Whether a look finds the file system read-only. */
  isReadOnly: boolean;
  /** Paths that belong to another user. */
  readonly foreign: Set<string>;
  /** The whole folder, to compare two moments. */
  snapshot(): Readonly<Record<string, string>>;
}

/** A project folder in memory, with these files in it. */
export function createFakeFiles(
  texts: Readonly<Record<string, string>> = {},
  dir = "/home/user/project",
): FakeFiles {
  const files = new Map(Object.entries(texts).map(([path, text]) => [path, { text, mode: 0o644 }]));
  const dirs = new Map<string, number>();
  const makeDirs = (path: string): void => {
    const parts = path.split("/");
    for (let end = 1; end <= parts.length; end++) {
      const parent = parts.slice(0, end).join("/");
      if (files.has(parent)) throw unwritable(path, "ENOTDIR: not a directory");
      if (!dirs.has(parent)) dirs.set(parent, 0o755);
    }
  };
  for (const path of files.keys()) if (path.includes("/")) makeDirs(posix.dirname(path));
  const outside = new Map<string, string>();

  const fake: FakeFiles = {
    files,
    dirs,
    outside,
    isFull: false,
    isReadOnly: false,
    foreign: new Set(),
    snapshot: () =>
      Object.fromEntries(
        [...files].map(([path, { text, mode }]) => [`${path} ${mode.toString(8)}`, text] as const),
      ),
    dir,
    name: posix.basename(dir),
    id: createHash("sha256").update(dir).digest("hex").slice(0, 6),
    absolute: (path) => posix.join(dir, path),
    digest: async (paths) => {
      const found = [...files]
        .filter(([file]) =>
          paths.some((path) => path === "." || file === path || file.startsWith(`${path}/`)),
        )
        .filter(([file]) => !file.startsWith(".stack/"))
        .toSorted(([a], [b]) => (a < b ? -1 : 1));
      return createHash("sha256").update(JSON.stringify(found)).digest("hex");
    },
    read: async (path) => {
      if (dirs.has(path))
        throw new StackError("CONFIG_INVALID", `${path} can't be read: EISDIR: is a directory.`);
      return files.get(path)?.text;
    },
    write: async (path, text, mode = 0o644) => {
      const parent = posix.dirname(path);
      if (fake.isFull) throw unwritable(path, "ENOSPC: no space left on device");
      if (parent !== "." && !dirs.has(parent)) throw unwritable(path, "ENOENT: no such file or directory");
      if (dirs.has(path)) throw unwritable(path, "EISDIR: is a directory");
      files.set(path, { text, mode });
    },
    exists: async (path) => files.has(path) || dirs.has(path),
    barrier: async (path) => (fake.isReadOnly ? "read-only" : fake.foreign.has(path) ? "denied" : undefined),
    mode: async (path) => files.get(path)?.mode ?? dirs.get(path),
    list: async () => {
      const top = [...files.keys(), ...[...dirs.keys()].map((path) => `${path}/`)].map((path) =>
        path.includes("/") ? `${path.split("/")[0]}/` : path,
      );
      return [...new Set(top)].toSorted();
    },
    copyFrom: async (source, path) => {
      for (const [name, file] of (source as unknown as FakeFiles).files) {
        if (name !== path && !name.startsWith(`${path}/`)) continue;
        if (fake.isFull) throw unwritable(path, "ENOSPC: no space left on device");
        if (name.includes("/")) makeDirs(posix.dirname(name));
        files.set(name, file);
      }
    },
    ensureDir: async (path, mode) => {
      if (fake.isFull && !dirs.has(path)) throw unwritable(path, "ENOSPC: no space left on device");
      makeDirs(path);
      if (mode !== undefined) dirs.set(path, mode);
    },
    readOutside: async (path) => {
      const text = outside.get(path) ?? files.get(posix.relative(dir, path))?.text;
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
  };
  return fake;
}

function unwritable(path: string, reason: string): StackError {
  return new StackError("FILE_UNWRITABLE", `${path} can't be written: ${reason}.`, { facts: { path } });
}
