import type { EventError, Result } from "@loom/core";
import type { GitFacts } from "../bootstrap/git-facts.ts";
import type { OwnWorkspaces } from "./own-workspaces.ts";

/** Where the jobs of a run work, and what is known of it. */
export interface OpenedWorkspace {
  /** Absolute path of the folder that jobs start in. */
  readonly projectDir: string;
  /** Absolute path of the snapshot; absent for a run in the checkout itself. */
  readonly snapshotPath?: string;
  /** What that is a snapshot of; absent for the checkout as it is on disk. */
  readonly snapshotOf?: "staged" | "commit";
  /** Equal for equal contents of one repository; absent for a run in the checkout itself. */
  readonly treeHash?: string;
  /** Absent outside a repository, before the first commit, and if git did not say. */
  readonly git?: GitFacts;
  /** Why git did not tell, as a clause. */
  readonly gitRefusal?: string;
  /** What a person should know of it. */
  readonly warnings: readonly string[];
}

/** Opens the workspace of a run. One is opened once, and closed once when it was. */
export interface WorkspaceOpener {
  /** Whether to use the workflow in it rather than the checkout's. Default: false. */
  readonly holdsWorkflow?: boolean;
  /**
   * Makes the workspace ready for jobs.
   *
   * @param stop - Aborting it gives the work up; nothing is left then.
   */
  open(stop: AbortSignal): Promise<Result<OpenedWorkspace, EventError>>;
  /**
   * Makes ready that single jobs get workspaces of their own. Called at most
   * once, after `open` and before any job works.
   *
   * @param isShared - Whether other jobs work in the one that was opened.
   */
  keepForOwn(isShared: boolean, stop: AbortSignal): Promise<Result<OwnWorkspaces, EventError>>;
  /** Asks git about the checkout, for a run that will have no jobs. */
  look(stop: AbortSignal): Promise<Result<GitFacts | undefined, string>>;
  /** Declares that no job works in it any more. Resolves when everything to be removed is gone. */
  close(): Promise<void>;
}
