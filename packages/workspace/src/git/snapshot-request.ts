import type { RawPath } from "../raw-path.ts";
import type { SnapshotGit } from "./git.ts";
import type { Repository } from "./read-repository.ts";

/** What to snapshot, and where to. */
export interface SnapshotRequest {
  readonly git: SnapshotGit;
  /** Aborted at the first failure, so that whatever else runs ends too. `git` listens to it. */
  readonly stop: AbortController;
  readonly repository: Repository;
  /** Folder of the snapshot: empty. */
  readonly target: string;
  /** The index that has what is to be snapshotted, in place of the files on disk. Absolute. */
  readonly stagedIn?: string;
  /** Path of this repository in the one that is snapshotted; empty for that one itself. */
  readonly prefix: RawPath;
}
