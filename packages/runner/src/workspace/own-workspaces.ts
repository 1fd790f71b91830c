import { dirname, relative } from "node:path";
import { err, ok, type EventError, type JobId, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { copyPlace, copyWorkspace, type Workspace } from "@loom/workspace";

/** Where one job works on its own. */
export interface OwnPlace {
  /** Absolute path of the folder that it starts in. */
  readonly projectDir: string;
  /** Absolute path of its copy of the snapshot. */
  readonly snapshotPath: string;
}

/** Workspaces of single jobs: copies of the snapshot as it was before any job. */
export interface OwnWorkspaces {
  /** Absolute path of the folder that holds them, by the names of the jobs. */
  readonly folder: string;
  /** Path of the project in each of them; empty for most. */
  readonly below: string;
  /** What they are copies of. Nobody may write to it. */
  readonly pristine: OwnPlace;
  /** What a person should know about them and was not told yet. */
  readonly warnings: readonly string[];
  /** Where a job's workspace is, or will be. */
  placeOf(jobId: JobId): OwnPlace;
  /** Makes a job's workspace; one left by an earlier attempt is replaced. */
  make(jobId: JobId, stop: AbortSignal): Promise<Result<undefined, EventError>>;
}

/** Names the copy that stays as it is. No job is called like that. */
export const PRISTINE = ".pristine";

/** What workspaces of single jobs are made of. */
export interface OwnWorkspacesOptions {
  /** The snapshot of the run, in which no job has worked yet. */
  readonly snapshot: Workspace;
  /** Whether jobs will work in the snapshot itself. */
  readonly isShared: boolean;
  readonly env: Environment;
}

/** Sees to it that there is something to copy, whatever jobs do to the snapshot: it itself where none works in it. */
export async function keepForOwn(
  { snapshot, isShared, env }: OwnWorkspacesOptions,
  stop: AbortSignal,
): Promise<Result<OwnWorkspaces, EventError>> {
  const { root } = snapshot;
  const kept = isShared
    ? await copyWorkspace({ from: snapshot, root, name: PRISTINE, env, signal: stop })
    : ok(snapshot);
  if (!kept.ok) return err({ code: kept.error.code, message: kept.error.message });
  return ok(makingOwn({ snapshot, from: kept.value, env }));
}

/** Makes workspaces of single jobs, each a copy of one that stays as it is. */
export function makingOwn({
  snapshot,
  from,
  env,
}: Pick<OwnWorkspacesOptions, "snapshot" | "env"> & {
  /** What is copied. */
  readonly from: Workspace;
}): OwnWorkspaces {
  const { root } = snapshot;
  return {
    folder: dirname(copyPlace({ from, root, name: PRISTINE }).root),
    below: relative(snapshot.root, snapshot.projectFolder),
    pristine: { projectDir: from.projectFolder, snapshotPath: from.root },
    warnings: [],
    placeOf: (jobId) => {
      const place = copyPlace({ from, root, name: jobId });
      return { projectDir: place.projectFolder, snapshotPath: place.root };
    },
    make: async (jobId, signal) => {
      const made = await copyWorkspace({ from, root, name: jobId, env, signal });
      return made.ok ? ok(undefined) : err({ code: made.error.code, message: made.error.message });
    },
  };
}
