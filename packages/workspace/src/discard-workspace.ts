import { err, ok, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { discard } from "./store/discard.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/**
 * Removes a workspace and its copies at once, even if it is in use.
 *
 * @param root - The workspace's root. Nothing happens if it is gone.
 */
export async function discardWorkspace(root: string): Promise<Result<undefined, WorkspaceError>> {
  try {
    await discard(root);
    return ok(undefined);
  } catch (thrown) {
    return err(errorOf(thrown, `remove the workspace "${root}"`));
  }
}
