import { readdirSync } from "node:fs";
import { join } from "node:path";
import { activeDirectory, logsDirectory, runNanoseconds } from "../layout/runtime-directory.ts";
import { readClaim } from "./claim-run.ts";
import { processState, type ProcessState } from "./process-mark.ts";

/** A run that has not closed. */
export interface OwnedRun {
  readonly runId: string;
  /** Absolute path of its directory. */
  readonly directory: string;
  /** What has become of the process that runs it. A dead one's run was interrupted. */
  readonly owner: ProcessState;
  /** Number of that process; absent when the note cannot be read. */
  readonly ownerPid?: number;
}

/**
 * The runs of a repository that nobody has closed, oldest first.
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
    // None has ever been noted, or none can be: the runs themselves are what counts.
    return [];
  }
  const runs: OwnedRun[] = [];
  for (const name of names.toSorted()) {
    const runId = name.replace(/\.json$/, "");
    if (runId === name || runNanoseconds(runId) === undefined) continue;
    const mark = readClaim(join(active, name));
    const directory = join(logsDirectory(repoRoot), runId);
    runs.push({
      runId,
      directory,
      owner: mark === undefined ? "dead" : processState(mark),
      ...(mark !== undefined && { ownerPid: mark.pid }),
    });
  }
  return runs;
}
