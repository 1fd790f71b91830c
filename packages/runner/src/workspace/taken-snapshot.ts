import { err, ok } from "@loom/core";
import type { Clock } from "@loom/ports";
import { releaseWorkspace, resumeWorkspace } from "@loom/workspace";
import type { WorkspaceOpener } from "./opened-workspace.ts";

/** The snapshot of an earlier run. */
export interface SnapshotToResume {
  /** Absolute path of the snapshot. */
  readonly root: string;
  /** Absolute path of the folder in it that jobs start in. */
  readonly projectDir: string;
  readonly treeHash: string;
}

/** Takes the snapshot of an earlier run, with all that its jobs built. @param look - Tells its state in git. */
export function takenSnapshot(
  { root, projectDir, treeHash }: SnapshotToResume,
  clock: Pick<Clock, "now">,
  look: WorkspaceOpener["look"],
): Pick<WorkspaceOpener, "look" | "open" | "close"> {
  let isOurs = false;
  return {
    look,
    open: async (stop) => {
      const taken = await resumeWorkspace(root, { nowMs: clock.now() });
      if (!taken.ok) return err({ code: taken.error.code, message: taken.error.message });
      isOurs = true;
      const git = await look(stop);
      return ok({
        projectDir,
        snapshotPath: root,
        treeHash,
        warnings: [],
        ...(git.ok ? git.value !== undefined && { git: git.value } : { gitRefusal: git.error }),
      });
    },
    close: async () => {
      if (isOurs) await releaseWorkspace(root);
    },
  };
}
