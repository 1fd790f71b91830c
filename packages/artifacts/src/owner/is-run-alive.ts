import { findRunsRoot } from "../layout/find-runs-root.ts";
import { ownedRuns } from "./owned-runs.ts";

/**
 * Whether the process that runs a run lives, or may.
 *
 * @param directory - Absolute path of its evidence.
 * @param cwd - Absolute: where the runs are looked for if not around that. Default: nowhere else.
 */
export function isRunAlive(directory: string, cwd?: string): boolean {
  const root = findRunsRoot(directory) ?? (cwd === undefined ? undefined : findRunsRoot(cwd));
  if (root === undefined) return false;
  return ownedRuns(root).some((run) => run.directory === directory && run.owner !== "dead");
}
