import { ok } from "@loom/core";
import type { Environment } from "@loom/system";
import { readGitFacts } from "../bootstrap/git-facts.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";

/** Has jobs work in the checkout itself. */
export function inPlace(projectFolder: string, env: Environment): WorkspaceOpener {
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
    close: () => Promise.resolve(),
  };
}
