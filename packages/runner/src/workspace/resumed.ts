import { ok } from "@loom/core";
import { readGitFacts } from "../bootstrap/git-facts.ts";
import { isolated, type IsolatedOptions } from "./isolated.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";
import { takenSnapshot, type SnapshotToResume } from "./taken-snapshot.ts";

/**
 * Has jobs work in the snapshot of an earlier run, with all that its jobs built;
 * those with workspaces of their own in copies of a new one that is made for them.
 */
export function resumed(
  options: Omit<IsolatedOptions, "staged" | "revision">,
  place: SnapshotToResume,
): WorkspaceOpener {
  const { projectFolder, env, clock } = options;
  const snapshot = isolated(options);
  const taken = takenSnapshot(place, clock, (stop) => readGitFacts(projectFolder, { env, stop }));
  return {
    ...taken,
    keepForOwn: async (_isShared, stop) => {
      const opened = await snapshot.open(stop);
      if (!opened.ok) return opened;
      const kept = await snapshot.keepForOwn(false, stop);
      return kept.ok ? ok({ ...kept.value, warnings: opened.value.warnings }) : kept;
    },
    close: async () => {
      await taken.close();
      await snapshot.close();
    },
  };
}
