import { err, ok, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { readOwnerNote, writeOwnerNote } from "./store/owner-note.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/**
 * Marks a workspace as no longer in use: it is kept until newer ones replace it.
 *
 * A process that ends releases its workspaces too.
 *
 * @param root - The workspace's root. Nothing happens if it is gone.
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
