import { StackError } from "../lib/errors.ts";

/** FILE_UNWRITABLE for a file or folder, with what the system said in plain words and what helps against that. */
export function unwritable(path: string, absolutePath: string, cause: unknown): StackError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known = reasons[code];
  const words = cause instanceof Error ? cause.message : String(cause);
  const reason = known === undefined ? words : `${known.words} (${code}, ${absolutePath})`;
  const what = known?.hint(quoted(absolutePath), quoted(folderOf(absolutePath)));
  return new StackError("FILE_UNWRITABLE", `${path} can't be written: ${reason}.`, {
    cause,
    hint: `${what ?? "Have this user be able to write there"}, and run the command again.`,
    facts: { path, ...(code === "" ? {} : { reason: code }) },
  });
}

interface Reason {
  readonly words: string;
  /** Of a path and its folder, both as a shell takes them. */
  readonly hint: (path: string, folder: string) => string;
}

const full = (_: string, folder: string): string => `Make room on it, which \`df -h ${folder}\` shows`;
const toOwn = (folder: string): string => `\`sudo chown -R "$(id -u):$(id -g)" ${folder}\``;

const reasons: Readonly<Record<string, Reason>> = {
  EROFS: {
    words: "its file system is read-only",
    hint: (_, folder) => `Mount it for writing, which \`findmnt --target ${folder}\` shows`,
  },
  ENOSPC: { words: "its file system is full", hint: full },
  EDQUOT: { words: "this user's quota on its file system is used up", hint: full },
  EACCES: {
    words: "this user may not write there",
    hint: (_, folder) => `Make it this user's with ${toOwn(folder)}`,
  },
  EPERM: {
    words: "the system doesn't permit it",
    hint: (path, folder) =>
      `Where \`lsattr -d ${path}\` shows an i, take that away with \`sudo chattr -i ${path}\`; where it is another user's, make it this user's with ${toOwn(folder)}`,
  },
  EBUSY: {
    words: "something is mounted there",
    hint: (path) => `Take that away with \`sudo umount ${path}\``,
  },
};

function folderOf(path: string): string {
  const folder = path.replace(/\/[^/]*$/u, "");
  return folder === "" ? "/" : folder;
}

function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
