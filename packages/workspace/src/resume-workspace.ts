import { existsSync } from "node:fs";
import { err, ok, type EpochMs, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { isInUse, ownNote, readOwnerNote, writeOwnerNote } from "./store/owner-note.ts";
import type { WorkspaceError, WorkspaceErrorCode } from "./workspace-error.ts";

/**
 * Reuses a workspace kept for inspection, as it is, for another run. It becomes the newest.
 *
 * @param root - Of the workspace.
 * @returns `WORKSPACE_GONE` if it was removed, `WORKSPACE_IN_USE` if a run is using it.
 */
export async function resumeWorkspace(
  root: string,
  { nowMs }: { readonly nowMs: EpochMs },
): Promise<Result<undefined, WorkspaceError>> {
  try {
    const note = await readOwnerNote(root);
    if (note === undefined || note.state === "making" || !existsSync(root))
      return refusal("WORKSPACE_GONE", root, "it was removed, or never completed. Run again for a new one");
    if (isInUse(note, nowMs))
      return refusal("WORKSPACE_IN_USE", root, "a run works in it. Wait until that is over");
    writeOwnerNote(root, { ...ownNote(note.source, nowMs), state: "in_use" });
    return ok(undefined);
  } catch (thrown) {
    return err(errorOf(thrown, `go on in the workspace "${root}"`));
  }
}

function refusal(code: WorkspaceErrorCode, root: string, why: string): Result<undefined, WorkspaceError> {
  return err({ code, message: `Cannot go on in the workspace "${root}": ${why}`, path: root });
}
