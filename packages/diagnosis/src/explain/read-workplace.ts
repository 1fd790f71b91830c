import type { RunReader } from "@loom/artifacts";
import { workplaceOf, type Workplace } from "@loom/core";

/** Records at the beginning of the run's own stream that are looked at. Its workplace is noted before any job starts. */
const RECORDS = 200;

/**
 * Where the jobs of a run worked, by its own stream, or else by its receipt.
 *
 * @returns `undefined` where neither tells, as for a run that ended before it had a place.
 */
export async function readWorkplace(run: RunReader): Promise<Workplace | undefined> {
  for await (const { line, result } of run.readEvents("events.jsonl")) {
    const workplace = result.ok ? workplaceOf(result.value) : undefined;
    if (workplace !== undefined) return workplace;
    if (line >= RECORDS) break;
  }
  const receipt = await run.receipt();
  if (!receipt.ok) return undefined;
  // Where in the snapshot the project is, the receipt does not say: mostly it is all of it.
  const { snapshot_path: snapshotPath, repo_root: repoRoot } = receipt.value;
  return snapshotPath === undefined ? { projectDir: repoRoot } : { projectDir: snapshotPath, snapshotPath };
}
