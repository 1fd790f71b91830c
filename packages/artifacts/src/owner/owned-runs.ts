import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runNanoseconds } from "@loom/core";
import { activeDirectory, logsDirectory } from "../layout/runtime-directory.ts";
import type { ProcessState } from "@loom/system";
import { lookAtClaim } from "./claim-run.ts";

/** A run that has not closed. */
export interface OwnedRun {
  readonly runId: string;
  /** Absolute path of its directory. */
  readonly directory: string;
  /** What has become of the process that runs it. A dead one's run was interrupted; of an unknown one nothing is done. */
  readonly owner: ProcessState;
  /** Number of that process; absent when the note cannot be read. */
  readonly ownerPid?: number;
}

/**
 * The runs of a repository that are not closed, oldest first.
 *
 * Costs what there is of those, however many runs there were.
 *
 * @param repoRoot - Absolute path.
 */
export function ownedRuns(repoRoot: string): readonly OwnedRun[] {
  const active = activeDirectory(repoRoot);
  let names: readonly string[];
  try {
    names = readdirSync(active);
  } catch {
    // No run has ever been noted, or can be: the runs themselves decide.
    return [];
  }
  const runs: OwnedRun[] = [];
  for (const name of names.toSorted()) {
    const runId = name.replace(/\.json$/, "");
    if (runId === name || runNanoseconds(runId) === undefined) continue;
    const seen = lookAtClaim(join(active, name));
    if (seen === undefined) continue;
    const directory = join(logsDirectory(repoRoot), runId);
    runs.push({ runId, directory, owner: seen.owner, ...(seen.pid !== undefined && { ownerPid: seen.pid }) });
  }
  return runs;
}
