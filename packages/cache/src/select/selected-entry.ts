import type { ByteName } from "../archive/byte-name.ts";

/** One selected entry of a workspace. */
export interface SelectedEntry {
  /** Relative to the workspace. */
  readonly name: ByteName;
  readonly kind: EntryKind;
}

/** `other` is a socket, pipe or device. */
export type EntryKind = "file" | "directory" | "symlink" | "other";

/** The tests of a `Dirent` or of `lstat`'s result. */
export interface KindTests {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** The kind of a directory entry, or of `lstat`'s result. */
export function kindOf(entry: KindTests): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}
