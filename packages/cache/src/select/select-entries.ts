import picomatch from "picomatch";
import { diskPath, displayName, type ByteName } from "../archive/byte-name.ts";
import { findRoots, type Roots } from "./find-roots.ts";
import { GLOB_OPTIONS } from "./glob-options.ts";
import { isLeftOut } from "./left-out.ts";
import { listFolder } from "./list-folder.ts";
import { kindOf, type SelectedEntry } from "./selected-entry.ts";

/** What to select. */
export interface Selection {
  /** Paths or globs relative to the workspace. A folder means everything below it. */
  readonly paths: readonly string[];
  /** Globs of what to leave out; a matching folder is left out with everything below it. */
  readonly exclude?: readonly string[];
}

/** What was selected. */
export interface SelectedEntries extends Omit<Roots, "roots"> {
  /**
   * Each entry once: a folder before what is below it, and the entries of one folder in byte order. Links are
   * listed, never followed. The disk is read during iteration.
   */
  readonly entries: Iterable<SelectedEntry>;
}

/**
 * Finds what paths and globs match in a workspace.
 *
 * A path that exists as written is taken literally, even with glob characters in it. Globs also match dotfiles.
 */
export function selectEntries(workspace: string, { paths, exclude = [] }: Selection): SelectedEntries {
  const { roots, ...found } = findRoots(workspace, paths);
  const excluded = exclude.length === 0 ? undefined : picomatch(exclude.map(trimmed), GLOB_OPTIONS);
  const wanted = (name: ByteName): boolean => excluded === undefined || !excluded(displayName(name));
  function* below(folder: ByteName, root: ByteName): Generator<SelectedEntry> {
    const entries = listFolder(diskPath(workspace, folder));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!wanted(name) || isLeftOut(name, root)) continue;
      const kind = kindOf(entry);
      yield { name, kind };
      if (kind === "directory") yield* below(name, root);
    }
  }
  function* all(): Generator<SelectedEntry> {
    for (const root of roots) {
      if (root.name !== "" && !wanted(root.name)) continue;
      if (root.name !== "") yield root;
      if (root.kind === "directory") yield* below(root.name, root.name);
    }
  }
  return { ...found, entries: { [Symbol.iterator]: all } };
}

function trimmed(glob: string): string {
  return glob.replace(/^(?:\.\/)+/, "").replace(/(?<=.)\/+$/, "");
}
