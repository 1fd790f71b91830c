import { err, ok, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { readOwnerNote, writeOwnerNote } from "./store/owner-note.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/**
 * Says that no run works in a workspace any more: it is kept, until newer ones push it out.
 *
 * A process that ends without it has released its workspaces as well.
 *
 * @param root - Of the workspace. Nothing happens when it is gone.
 */
export async function releaseWorkspace(root: string): Promise<Result<undefined, WorkspaceError>> {
  try {
    const note = await readOwnerNote(root);
    if (note !== undefined) writeOwnerNote(root, { ...note, state: "kept" });
    return ok(undefined);
  } catch (thrown) {
    return err(errorOf(thrown, `release the workspace "${root}"`));
  }
}
