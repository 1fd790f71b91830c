import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAbsent } from "@loom/system";
import { removeTree } from "./remove-tree.ts";
import { copiesFolder, ownerPath, TRASH } from "./workspace-place.ts";

/** Removes a workspace and its copies. A partial removal is never mistaken for a workspace. */
export async function discard(root: string): Promise<void> {
  // The workspace goes last: while it exists, an interrupted clean-up is resumed.
  await moveAway(copiesFolder(root), trashPath(root, ".copies"));
  await moveAway(root, trashPath(root));
  await removeTree(trashPath(root, ".copies"));
  await removeTree(trashPath(root));
  await rm(ownerPath(root), { force: true });
}

/** Removes one of a workspace's copies. */
export async function discardCopy(root: string, path: string): Promise<void> {
  const trash = trashPath(root, `.${basename(path)}`);
  await removeTree(trash);
  await moveAway(path, trash);
  await removeTree(trash);
}

function trashPath(root: string, suffix = ""): string {
  return join(dirname(root), `${TRASH}${basename(root)}${suffix}`);
}

async function moveAway(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
  }
}
