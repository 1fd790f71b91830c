import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { jobDurations, receiptsDirectory, type Receipt } from "@loom/artifacts";
import { RUN_ID_PREFIX, type JobId } from "@loom/core";

/** How many of the newest receipts are looked at: those of other workflows are passed over. */
const RECEIPTS_TO_TRY = 5;

/**
 * How long the jobs took in the last run of a workflow, in milliseconds.
 *
 * A hint for the order of starts only: what cannot be read is as good as no history.
 */
export function lastDurations(repoRoot: string, workflowPath: string): ReadonlyMap<JobId, number> {
  const folder = receiptsDirectory(repoRoot);
  for (const name of newestFirst(folder).slice(0, RECEIPTS_TO_TRY)) {
    const receipt = readReceipt(join(folder, name));
    if (receipt?.workflow_path !== workflowPath || receipt.executor_receipt === undefined) continue;
    const { executor_receipt } = receipt;
    return new Map([...jobDurations({ executor_receipt })].map(([job, ms]) => [job, Math.max(1, ms)]));
  }
  return new Map();
}

function newestFirst(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(RUN_ID_PREFIX))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

function readReceipt(path: string): Partial<Receipt> | undefined {
  try {
    // Anything may lie there; a pipe would be waited for.
    if (!statSync(path).isFile()) return undefined;
    return JSON.parse(readFileSync(path, "utf8")) as Partial<Receipt>;
  } catch {
    return undefined;
  }
}
