import { parentOf, type RawPath } from "../raw-path.ts";
import { splitRecords } from "./split-records.ts";

/** What the index of a checkout holds. */
export interface IndexEntries {
  /** The commit that is recorded for each submodule. */
  readonly submodules: ReadonlyMap<RawPath, string>;
  /** Folders with a tracked file in them, the top as the empty path. */
  readonly folders: ReadonlySet<RawPath>;
  /** What is on disk, sparse checkouts considered, and not in conflict. */
  readonly present: readonly RawPath[];
}

/** Mode of a submodule in an index. Source: git's `S_IFGITLINK`. */
const SUBMODULE_MODE = "160000";

/** Reads `git ls-files --stage -t -z`: `H 100644 <sha> 0\t<path>`. */
export function parseIndexEntries(output: Buffer): IndexEntries {
  const submodules = new Map<RawPath, string>();
  const folders = new Set<RawPath>(["" as RawPath]);
  const present: RawPath[] = [];
  let last: RawPath | undefined;
  for (const record of splitRecords(output)) {
    const tab = record.indexOf("\t");
    const path = record.slice(tab + 1) as RawPath;
    const [tag, mode, sha = ""] = record.slice(0, tab).split(" ");
    if (mode === SUBMODULE_MODE) submodules.set(path, sha);
    if (tag === "H") present.push(path);
    const folder = parentOf(path);
    if (folder !== last) {
      last = folder;
      for (let above = folder; !folders.has(above); above = parentOf(above)) folders.add(above);
    }
  }
  return { submodules, folders, present };
}
