import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAbsent } from "@loom/system";
import { removeTree } from "./remove-tree.ts";
import { copiesFolder, ownerPath, TRASH } from "./workspace-place.ts";

/** Removes a workspace with its copies. From the first moment on nobody takes what is left of it for one. */
export async function discard(root: string): Promise<void> {
  // The workspace goes last: as long as it is there, a clean-up that was cut off is taken up again.
  await moveAway(copiesFolder(root), trashPath(root, ".copies"));
  await moveAway(root, trashPath(root));
  await removeTree(trashPath(root, ".copies"));
  await removeTree(trashPath(root));
  await rm(ownerPath(root), { force: true });
}

/** Removes one copy of a workspace. */
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
