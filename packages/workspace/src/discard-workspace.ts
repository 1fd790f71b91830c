import { err, ok, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { discard } from "./store/discard.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/**
 * Removes a workspace with its copies at once, whoever works in it.
 *
 * @param root - Of the workspace. Nothing happens when it is gone.
 */
export async function discardWorkspace(root: string): Promise<Result<undefined, WorkspaceError>> {
  try {
    await discard(root);
    return ok(undefined);
  } catch (thrown) {
    return err(errorOf(thrown, `remove the workspace "${root}"`));
  }
}
