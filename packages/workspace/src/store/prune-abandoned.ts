import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsent } from "@loom/system";
import { listNames } from "./list-workspaces.ts";
import { readOwnerNote } from "./owner-note.ts";
import { pruneGroup } from "./prune-group.ts";
import { removeEmpty } from "./remove-empty.ts";
import { ownedName, OWNERS, workspacesFolder } from "./workspace-place.ts";

/** How many repositories to check per call: a run must not read thousands of notes. */
const LOOKED_AT = 20;

/**
 * Removes the workspaces of repositories that no longer exist, which no other run would clean up. Checks only
 * some of them per call.
 *
 * @returns The workspaces that were removed.
 */
export async function pruneAbandoned(cacheHome: string, nowMs: number): Promise<readonly string[]> {
  const all = workspacesFolder(cacheHome);
  const names = (await listNames(all)).toSorted();
  const start = names.length > LOOKED_AT ? Math.floor(nowMs / 1000) % names.length : 0;
  const removed: string[] = [];
  for (const name of [...names.slice(start), ...names.slice(0, start)].slice(0, LOOKED_AT)) {
    const group = join(all, name);
    if (!(await isAbandoned(group))) continue;
    removed.push(...(await pruneGroup(group, { keep: 0, nowMs })).removed);
    for (const folder of [join(group, OWNERS), group]) await removeEmpty(folder);
  }
  return removed;
}

/** Whether the snapshotted folder no longer exists. Without a note that names it, it is assumed to exist. */
async function isAbandoned(group: string): Promise<boolean> {
  const [file] = await listNames(join(group, OWNERS));
  if (file === undefined) return false;
  const note = await readOwnerNote(join(group, ownedName(file)));
  if (note === undefined || note.source === "") return false;
  try {
    await lstat(note.source);
    return false;
  } catch (thrown) {
    return isAbsent(thrown);
  }
}
