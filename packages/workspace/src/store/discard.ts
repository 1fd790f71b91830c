import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAbsent } from "../copy/tree-copy.ts";
import { removeTree } from "./remove-tree.ts";
import { ownerPath, TRASH } from "./workspace-place.ts";

/** Removes a workspace. From the first moment on nobody takes what is left of it for one. */
export async function discard(root: string): Promise<void> {
  const trash = join(dirname(root), `${TRASH}${basename(root)}`);
  try {
    await rename(root, trash);
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
  }
  await removeTree(trash);
  await rm(ownerPath(root), { force: true });
}
