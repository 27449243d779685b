/** A project's folder as a whole; paths are relative to it. */
export interface ProjectFolder {
  absolute(path: string): string;
  /** SHA-256 over all files at or below these paths, hex; one that isn't there counts as empty. */
  digest(paths: readonly string[]): Promise<string>;
  /** Names in the project folder, sorted; folders end in a slash. */
  list(): Promise<readonly string[]>;
  /** Copies a file or folder of another project to the same path here, where nothing is. Throws FILE_UNWRITABLE. */
  copyFrom(source: Pick<ProjectFolder, "absolute">, path: string): Promise<void>;
}
