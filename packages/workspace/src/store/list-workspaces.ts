import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsent } from "@loom/system";
import { isInUse, readOwnerNote } from "./owner-note.ts";
import { COPIES, ownedName, OWNERS, TRASH } from "./workspace-place.ts";

/** A workspace on disk. */
export interface StoredWorkspace {
  /** Absolute. */
  readonly root: string;
  readonly createdAtMs: number;
  /** A run may still be using it. */
  readonly inUse: boolean;
  /** Whether it was ever completed. */
  readonly complete: boolean;
}

/** The contents of a repository's group folder. */
export interface StoredGroup {
  /** Newest first. */
  readonly workspaces: readonly StoredWorkspace[];
  /** Workspaces whose removal was interrupted. */
  readonly trash: readonly string[];
  /** Notes without a workspace. */
  readonly staleNotes: readonly string[];
}

/** Lists the workspaces of one repository; none if its folder does not exist. */
export async function listGroup(group: string, nowMs: number): Promise<StoredGroup> {
  const names = await listNames(group);
  const workspaces: StoredWorkspace[] = [];
  for (const name of names) {
    if (name === OWNERS || name === COPIES || name.startsWith(TRASH)) continue;
    const root = join(group, name);
    const note = await readOwnerNote(root);
    workspaces.push({
      root,
      createdAtMs: note?.created_at_ms ?? (await changedAtMs(root)),
      inUse: note !== undefined && isInUse(note, nowMs),
      complete: note?.state !== "making",
    });
  }
  return {
    workspaces: workspaces.toSorted((a, b) => b.createdAtMs - a.createdAtMs || compareNames(b.root, a.root)),
    trash: names.filter((name) => name.startsWith(TRASH)).map((name) => join(group, name)),
    staleNotes: await staleNotes(group, new Set(names), nowMs),
  };
}

/** Notes of workspaces that are gone or were never created before their process ended. */
async function staleNotes(group: string, names: ReadonlySet<string>, nowMs: number): Promise<string[]> {
  const stale: string[] = [];
  for (const file of await listNames(join(group, OWNERS))) {
    const name = ownedName(file);
    if (names.has(name)) continue;
    const note = await readOwnerNote(join(group, name));
    if (note === undefined || !isInUse(note, nowMs)) stale.push(join(group, OWNERS, file));
  }
  return stale;
}

/** The names in a folder; none if it does not exist. */
export async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (isAbsent(thrown)) return [];
    throw thrown;
  }
}

async function changedAtMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (thrown) {
    if (isAbsent(thrown)) return 0;
    throw thrown;
  }
}

/** Run ids end in an increasing number. */
function compareNames(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
