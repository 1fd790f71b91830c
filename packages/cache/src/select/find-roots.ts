import { lstatSync, realpathSync } from "node:fs";
import picomatch from "picomatch";
import { errnoCode } from "@loom/system";
import { byteName, diskPath, displayName, type ByteName } from "../archive/byte-name.ts";
import { cleanName } from "../archive/clean-name.ts";
import { GLOB_OPTIONS } from "./glob-options.ts";
import { isLeftOut } from "./left-out.ts";
import { listFolder } from "./list-folder.ts";
import { kindOf, type EntryKind, type SelectedEntry } from "./selected-entry.ts";

/** The starting points of a selection, and what matched nothing. */
export interface Roots {
  /** In byte order of their names; none is below another. */
  readonly roots: readonly SelectedEntry[];
  /** Paths and globs that match nothing, as written. */
  readonly unmatched: readonly string[];
  /** What was refused and why, one sentence each. */
  readonly refused: readonly string[];
}

/** The entries that paths and globs match directly. */
export function findRoots(workspace: string, paths: readonly string[]): Roots {
  const found = new Map<ByteName, EntryKind>();
  const unmatched: string[] = [];
  const refused: string[] = [];
  for (const path of paths) {
    const cleaned = cleanName(byteName(path));
    if (!cleaned.ok) {
      refused.push(`"${path}" is left out: ${cleaned.error}`);
      continue;
    }
    const literal = literalRoot(workspace, cleaned.value);
    if (literal === "outside") {
      refused.push(`"${path}" is left out: a link on its way leads out of the workspace`);
      continue;
    }
    const matches = literal === undefined ? globRoots(workspace, cleaned.value) : [literal];
    if (matches.length === 0) unmatched.push(path);
    for (const match of matches) found.set(match.name, match.kind);
  }
  return { roots: outermost(found), unmatched, refused };
}

function literalRoot(workspace: string, name: ByteName): SelectedEntry | "outside" | undefined {
  const path = diskPath(workspace, name);
  try {
    const slash = name.lastIndexOf("/");
    if (slash !== -1 && !isInside(workspace, diskPath(workspace, name.slice(0, slash)))) return "outside";
    return { name, kind: name === "" ? "directory" : kindOf(lstatSync(path)) };
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP")
      return undefined;
    throw error;
  }
}

function isInside(workspace: string, path: string | Buffer): boolean {
  const root = realpathSync(workspace);
  const real = realpathSync(path);
  return real === root || real.startsWith(`${root}/`);
}

function globRoots(workspace: string, name: ByteName): SelectedEntry[] {
  const pattern = displayName(name);
  const { base, isGlob } = picomatch.scan(pattern);
  if (!isGlob) return [];
  const start = byteName(base);
  const from = literalRoot(workspace, start);
  if (from === undefined || from === "outside" || from.kind !== "directory") return [];
  const matches = picomatch(pattern, GLOB_OPTIONS);
  const deepest = depthOf(pattern);
  const found: SelectedEntry[] = [];
  const visit = (folder: ByteName, depth: number): void => {
    for (const entry of listFolder(diskPath(workspace, folder))) {
      const below = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isLeftOut(below, start)) continue;
      const kind = kindOf(entry);
      if (matches(displayName(below))) found.push({ name: below, kind });
      else if (kind === "directory" && depth < deepest) visit(below, depth + 1);
    }
  };
  if (start !== "" && matches(base)) return [from];
  visit(start, start === "" ? 1 : start.split("/").length + 1);
  return found;
}

/** The most segments that a name matched by a glob can have. */
function depthOf(pattern: string): number {
  return /\*\*|[{(]/.test(pattern) ? Number.POSITIVE_INFINITY : pattern.split("/").length;
}

function outermost(found: ReadonlyMap<ByteName, EntryKind>): SelectedEntry[] {
  const roots: SelectedEntry[] = [];
  // With its slash, a folder sorts directly before what is below it: "a/" < "a/b" < "a0".
  const ordered = [...found].sort(([a], [b]) => (`${a}/` < `${b}/` ? -1 : 1));
  for (const [name, kind] of ordered) {
    const last = roots.at(-1);
    const covers = last?.kind === "directory" && (last.name === "" || name.startsWith(`${last.name}/`));
    if (!covers) roots.push({ name, kind });
  }
  return roots;
}
