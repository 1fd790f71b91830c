import { parentOf, type RawPath } from "../raw-path.ts";
import { splitRecords } from "./split-records.ts";

/** A tracked path that is not in conflict. */
export interface IndexEntry {
  /** As in a tree, such as `100644`. */
  readonly mode: string;
  readonly sha: string;
}

/** The contents of a checkout's index. */
export interface IndexEntries {
  /** In git's order. */
  readonly entries: ReadonlyMap<RawPath, IndexEntry>;
  /** The commit recorded for each submodule. */
  readonly submodules: ReadonlyMap<RawPath, string>;
  /** Folders that contain a tracked file; the top is the empty path. */
  readonly folders: ReadonlySet<RawPath>;
  /** Paths on disk, taking sparse checkouts into account, that are not in conflict. */
  readonly present: readonly RawPath[];
  /** A path in conflict, if there is one. */
  readonly conflict?: RawPath;
}

/** Mode of a submodule in an index. Source: git's `S_IFGITLINK`. */
export const SUBMODULE_MODE = "160000";

/** Mode of a symbolic link in an index. Source: git's `S_IFLNK`. */
export const LINK_MODE = "120000";

/** Reads `git ls-files --stage -t -z`: `H 100644 <sha> 0\t<path>`. */
export function parseIndexEntries(output: Buffer): IndexEntries {
  const entries = new Map<RawPath, IndexEntry>();
  const submodules = new Map<RawPath, string>();
  const folders = new Set<RawPath>(["" as RawPath]);
  const present: RawPath[] = [];
  let last: RawPath | undefined;
  let conflict: RawPath | undefined;
  for (const record of splitRecords(output)) {
    const tab = record.indexOf("\t");
    const path = record.slice(tab + 1) as RawPath;
    const [tag, mode = "", sha = "", stage] = record.slice(0, tab).split(" ");
    if (stage === "0") entries.set(path, { mode, sha });
    else conflict ??= path;
    if (mode === SUBMODULE_MODE) submodules.set(path, sha);
    if (tag === "H") present.push(path);
    const folder = parentOf(path);
    if (folder !== last) {
      last = folder;
      for (let above = folder; !folders.has(above); above = parentOf(above)) folders.add(above);
    }
  }
  return { entries, submodules, folders, present, ...(conflict !== undefined && { conflict }) };
}
