import type { ByteName } from "../archive/byte-name.ts";

/** One thing in a workspace that was asked for. */
export interface SelectedEntry {
  /** Relative to the workspace. */
  readonly name: ByteName;
  readonly kind: EntryKind;
}

/** `other` are sockets, pipes and devices. */
export type EntryKind = "file" | "directory" | "symlink" | "other";

/** What `node:fs` says of an entry without following it. */
export interface KindTests {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** The kind of a directory entry, or of what `lstat` answered. */
export function kindOf(entry: KindTests): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}
