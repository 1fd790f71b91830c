import { ok } from "@loom/core";
import { readGitFacts } from "../bootstrap/git-facts.ts";
import { isolated, type IsolatedOptions } from "./isolated.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";

/** Has jobs work in the checkout itself; those with workspaces of their own in copies of a snapshot that is made for them. */
export function inPlace(options: Omit<IsolatedOptions, "staged" | "revision">): WorkspaceOpener {
  const { projectFolder, env } = options;
  const snapshot = isolated(options);
  const look: WorkspaceOpener["look"] = (stop) => readGitFacts(projectFolder, { env, stop });
  return {
    look,
    open: async (stop) => {
      const git = await look(stop);
      return ok({
        projectDir: projectFolder,
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
    close: () => snapshot.close(),
  };
}
