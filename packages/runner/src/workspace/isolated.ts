import { err, ok, type RunId } from "@loom/core";
import type { Clock } from "@loom/ports";
import type { Environment } from "@loom/system";
import {
  createWorkspace,
  pruneWorkspaces,
  releaseWorkspace,
  type Workspace,
  type WorkspaceErrorCode,
  type WorkspaceOptions,
} from "@loom/workspace";
import { readGitFacts, type GitFacts } from "../bootstrap/git-facts.ts";
import { keepForOwn } from "./own-workspaces.ts";
import type { WorkspaceOpener } from "./opened-workspace.ts";

/** What a snapshot is made from. */
export interface IsolatedOptions {
  /** Absolute path of the folder that holds `.loom`. */
  readonly projectFolder: string;
  /** Value of `XDG_CACHE_HOME`, or `~/.cache`. Absolute. */
  readonly cacheHome: string;
  readonly runId: RunId;
  readonly env: Environment;
  readonly clock: Clock;
  /** Takes what is staged, in the index that this names or in the repository's own. Default: the checkout as it is on disk. */
  readonly staged?: NonNullable<WorkspaceOptions["staged"]>;
  /** Takes this commit, by its full name. Not together with `staged`. Default: the checkout as it is on disk. */
  readonly revision?: string | undefined;
}

/** Where git is the reason, the files can still be copied. */
const WITHOUT_GIT: ReadonlySet<WorkspaceErrorCode> = new Set([
  "WORKSPACE_GIT_MISSING",
  "WORKSPACE_GIT_TOO_OLD",
  "WORKSPACE_GIT_FAILED",
]);

/**
 * Has jobs work in a disposable snapshot of the repository.
 *
 * It is kept when the run is over, for whoever wants to look; old ones of the
 * same repository are removed while the jobs run.
 */
export function isolated({
  projectFolder,
  cacheHome,
  runId,
  env,
  clock,
  staged,
  revision,
}: IsolatedOptions): WorkspaceOpener {
  const snapshotOf = staged !== undefined ? "staged" : revision === undefined ? undefined : "commit";
  const place = { projectFolder, cacheHome, env };
  let snapshot: Workspace | undefined;
  let pruning: Promise<unknown> = Promise.resolve();
  return {
    holdsWorkflow: snapshotOf !== undefined,
    look: (stop) => readGitFacts(projectFolder, { env, stop }),
    open: async (stop) => {
      const options = {
        ...place,
        runId,
        nowMs: clock.now(),
        signal: stop,
        ...(staged !== undefined && { staged }),
        ...(revision !== undefined && { revision }),
      };
      let made = await createWorkspace(options);
      // Files do not tell what is staged, or committed.
      const canCopy = !made.ok && snapshotOf === undefined && WITHOUT_GIT.has(made.error.code);
      const gitRefusal = !made.ok && canCopy ? made.error.message : undefined;
      if (gitRefusal !== undefined) made = await createWorkspace({ ...options, plain: true });
      if (!made.ok) return err({ code: made.error.code, message: made.error.message });
      const workspace = made.value;
      snapshot = workspace;
      pruning = pruneWorkspaces({ ...place, nowMs: clock.now() });
      const git = gitFactsOf(workspace);
      return ok({
        projectDir: workspace.projectFolder,
        snapshotPath: workspace.root,
        ...(snapshotOf !== undefined && { snapshotOf }),
        treeHash: workspace.treeHash,
        ...(git !== undefined && { git }),
        ...(gitRefusal !== undefined && { gitRefusal }),
        warnings: workspace.warnings.map(({ message }) => message),
      });
    },
    keepForOwn: async (isShared, stop) => {
      if (snapshot === undefined) throw new Error("There is no snapshot to be kept: it was not opened");
      return await keepForOwn({ snapshot, isShared, env }, stop);
    },
    close: async () => {
      if (snapshot !== undefined) await releaseWorkspace(snapshot.root);
      await pruning;
    },
  };
}

function gitFactsOf({ checkout }: Workspace): GitFacts | undefined {
  if (checkout?.headSha === undefined) return undefined;
  const { headSha, branch, commitMessage = "", dirtyFiles, untrackedFiles } = checkout;
  return {
    headSha,
    message: commitMessage,
    dirtyFiles,
    untrackedFiles,
    ...(branch !== undefined && { branch }),
  };
}
