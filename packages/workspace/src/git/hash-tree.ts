import { hash } from "node:crypto";
import type { RawPath } from "../raw-path.ts";
import type { IndexEntry } from "./parse-index-entries.ts";

/** Mode of a folder in a tree. Source: git's tree format, which writes no leading zero. */
const FOLDER_MODE = "40000";

/** A folder under construction: names to entries or folders. */
type Folder = Map<string, IndexEntry | Folder>;

/**
 * The name of the git tree that has these entries.
 *
 * The same as `git write-tree` prints, which would store the trees and update the timestamps of those that the
 * original has.
 *
 * @param objectFormat - `sha1` or `sha256`.
 */
export function hashTree(entries: Iterable<readonly [RawPath, IndexEntry]>, objectFormat: string): string {
  const top: Folder = new Map();
  let last = "";
  let folder = top;
  for (const [path, entry] of entries) {
    const end = path.lastIndexOf("/");
    const parent = path.slice(0, Math.max(0, end));
    if (parent !== last) {
      folder = folderAt(top, parent);
      last = parent;
    }
    folder.set(path.slice(end + 1), entry);
  }
  return hashFolder(top, objectFormat);
}

/** The name of the git object with these contents. */
export function hashObject(kind: "blob" | "tree", contents: Buffer, objectFormat: string): string {
  const object = Buffer.concat([Buffer.from(`${kind} ${contents.length}\0`), contents]);
  return hash(objectFormat === "sha256" ? "sha256" : "sha1", object, "hex");
}

function folderAt(top: Folder, path: string): Folder {
  let folder = top;
  for (const name of path === "" ? [] : path.split("/")) {
    let next = folder.get(name);
    if (!(next instanceof Map)) {
      next = new Map();
      folder.set(name, next);
    }
    folder = next;
  }
  return folder;
}

function hashFolder(folder: Folder, objectFormat: string): string {
  // git sorts by bytes, a folder as if its name ended with a slash.
  const sorted = [...folder].map(([name, entry]) => ({
    name,
    entry,
    key: entry instanceof Map ? `${name}/` : name,
  }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : 1));
  const parts = sorted.flatMap(({ name, entry }) => {
    const { mode, sha } =
      entry instanceof Map ? { mode: FOLDER_MODE, sha: hashFolder(entry, objectFormat) } : entry;
    return [Buffer.from(`${mode} ${name}\0`, "latin1"), Buffer.from(sha, "hex")];
  });
  return hashObject("tree", Buffer.concat(parts), objectFormat);
}
