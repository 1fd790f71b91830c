import { dirname, join } from "node:path";

/** Where the runs of a repository are: `.loom/.runtime` at its root. */
export function runtimeDirectory(repoRoot: string): string {
  return join(repoRoot, ".loom", ".runtime");
}

/** Where the directories of runs are. */
export function logsDirectory(repoRoot: string): string {
  return join(runtimeDirectory(repoRoot), "logs");
}

/** Where the receipts of runs are. */
export function receiptsDirectory(repoRoot: string): string {
  return join(runtimeDirectory(repoRoot), "receipts");
}

/** Where notes say which runs have not closed yet, and which process owns each. */
export function activeDirectory(repoRoot: string): string {
  return join(runtimeDirectory(repoRoot), "active");
}

/**
 * The repository of a run in its usual place; `undefined` for a copy, or
 * a directory that was moved.
 *
 * @param runDirectory - Absolute path.
 */
export function runHome(runDirectory: string): string | undefined {
  const logs = dirname(runDirectory);
  const root = dirname(dirname(dirname(logs)));
  return logs === logsDirectory(root) ? root : undefined;
}

/** The receipt of a run, whether or not it exists. */
export function receiptPath(repoRoot: string, runId: string): string {
  return join(receiptsDirectory(repoRoot), `${runId}.json`);
}
