import type { RawPath } from "../raw-path.ts";
import type { SnapshotGit } from "./git.ts";
import type { Repository } from "./read-repository.ts";

/** What to snapshot, and where to. */
export interface SnapshotRequest {
  readonly git: SnapshotGit;
  /** Aborted at the first failure, to end concurrent work too. `git` observes it. */
  readonly stop: AbortController;
  readonly repository: Repository;
  /** The snapshot's folder, which is empty. */
  readonly target: string;
  /** The index to snapshot instead of the files on disk. Absolute. */
  readonly stagedIn?: string;
  /** This repository's path in the outermost one; empty for the outermost. */
  readonly prefix: RawPath;
}
