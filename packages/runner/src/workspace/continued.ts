import { existsSync } from "node:fs";
import { ok } from "@loom/core";
import { copyPlace, type Workspace } from "@loom/workspace";
import { readGitFacts } from "../bootstrap/git-facts.ts";
import type { IsolatedOptions } from "./isolated.ts";
import { makingOwn, PRISTINE } from "./own-workspaces.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";
import { takenSnapshot, type SnapshotToResume } from "./taken-snapshot.ts";

/** Has jobs go on in the snapshot of a run that is taken up, and those with workspaces of their own in copies as it made them. */
export function continued(
  { projectFolder, env, clock }: Omit<IsolatedOptions, "staged" | "revision">,
  place: SnapshotToResume,
): WorkspaceOpener {
  const { root, projectDir, treeHash } = place;
  return {
    // The state of the snapshot: the checkout may have moved on.
    ...takenSnapshot(place, clock, (stop) => readGitFacts(projectDir, { env, stop })),
    keepForOwn: () => {
      const snapshot: Workspace = {
        root,
        projectFolder: projectDir,
        sourceFolder: projectFolder,
        treeHash,
        warnings: [],
        ...(existsSync(`${root}/.git`) && { checkout: { dirtyFiles: [], untrackedFiles: [] } }),
      };
      const pristine = copyPlace({ from: snapshot, root, name: PRISTINE });
      // Where no job worked in the snapshot itself, it is what they are copied from.
      const from = existsSync(pristine.root) ? { ...snapshot, ...pristine } : snapshot;
      return Promise.resolve(ok(makingOwn({ snapshot, from, env })));
    },
  };
}
