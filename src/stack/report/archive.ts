/** A text file of an archive. */
export interface ArchiveEntry {
  readonly path: string;
  readonly text: string;
}

export interface ArchiveRequest {
  /** Absolute, or relative to the caller's working directory; undefined for a name with the time in it. */
  readonly target: string | undefined;
  /** Where it goes when no target is named, absolute. */
  readonly folder: string;
  readonly entries: readonly ArchiveEntry[];
}

/** Packs files into one. */
export interface Archiver {
  /** Writes a gzipped tar file that its owner alone may read. Throws FILE_UNWRITABLE, USAGE when it is there already. */
  write(request: ArchiveRequest): Promise<{ readonly path: string; readonly bytes: number }>;
}
