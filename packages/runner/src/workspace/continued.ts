import { existsSync } from "node:fs";
import { err, ok } from "@loom/core";
import { copyPlace, releaseWorkspace, resumeWorkspace, type Workspace } from "@loom/workspace";
import { readGitFacts } from "../bootstrap/git-facts.ts";
import type { IsolatedOptions } from "./isolated.ts";
import { makingOwn, PRISTINE } from "./own-workspaces.ts";
import type { SnapshotToResume } from "./resumed.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";

/** Has jobs go on in the snapshot of a run that is taken up, and those with workspaces of their own in copies as it made them. */
export function continued(
  { projectFolder, env, clock }: Omit<IsolatedOptions, "staged" | "revision">,
  { root, projectDir, treeHash }: SnapshotToResume,
): WorkspaceOpener {
  let isOurs = false;
  const look: WorkspaceOpener["look"] = (stop) => readGitFacts(projectDir, { env, stop });
  return {
    look,
    open: async (stop) => {
      const taken = await resumeWorkspace(root, { nowMs: clock.now() });
      if (!taken.ok) return err({ code: taken.error.code, message: taken.error.message });
      isOurs = true;
      // Of the snapshot: the checkout may have moved on.
      const git = await look(stop);
      return ok({
        projectDir,
        snapshotPath: root,
        treeHash,
        warnings: [],
        ...(git.ok ? git.value !== undefined && { git: git.value } : { gitRefusal: git.error }),
      });
    },
    keepForOwn: () => {
      const git = existsSync(`${root}/.git`);
      const snapshot: Workspace = {
        root,
        projectFolder: projectDir,
        sourceFolder: projectFolder,
        treeHash,
        warnings: [],
        ...(git && { checkout: { dirtyFiles: [], untrackedFiles: [] } }),
      };
      const place = copyPlace({ from: snapshot, root, name: PRISTINE });
      // Where no job worked in the snapshot itself, it is what they are copied from.
      const from = existsSync(place.root) ? { ...snapshot, ...place } : snapshot;
      return Promise.resolve(ok(makingOwn({ snapshot, from, env })));
    },
    close: async () => {
      if (isOurs) await releaseWorkspace(root);
    },
  };
}
