import { err, ok } from "@loom/core";
import { releaseWorkspace, resumeWorkspace } from "@loom/workspace";
import { readGitFacts } from "../bootstrap/git-facts.ts";
import { isolated, type IsolatedOptions } from "./isolated.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";

/** The snapshot of an earlier run. */
export interface SnapshotToResume {
  /** Absolute path of the snapshot. */
  readonly root: string;
  /** Absolute path of the folder in it that jobs start in. */
  readonly projectDir: string;
  readonly treeHash: string;
}

/**
 * Has jobs work in the snapshot of an earlier run, with all that its jobs built;
 * those with workspaces of their own in copies of a new one that is made for them.
 */
export function resumed(
  options: Omit<IsolatedOptions, "staged" | "revision">,
  { root, projectDir, treeHash }: SnapshotToResume,
): WorkspaceOpener {
  const { projectFolder, env, clock } = options;
  const snapshot = isolated(options);
  let isOurs = false;
  const look: WorkspaceOpener["look"] = (stop) => readGitFacts(projectFolder, { env, stop });
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
    keepForOwn: async (_isShared, stop) => {
      const opened = await snapshot.open(stop);
      if (!opened.ok) return opened;
      const kept = await snapshot.keepForOwn(false, stop);
      return kept.ok ? ok({ ...kept.value, warnings: opened.value.warnings }) : kept;
    },
    close: async () => {
      if (isOurs) await releaseWorkspace(root);
      await snapshot.close();
    },
  };
}
