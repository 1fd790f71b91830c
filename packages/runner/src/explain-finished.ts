import { listRuns, openRun } from "@loom/artifacts";
import type { JobId, ReportedTest } from "@loom/core";
import type { Explanation } from "@loom/diagnosis";
import { createGit, type Environment } from "@loom/system";
import { loadPart } from "./workflow/load-part.ts";

/**
 * Explains a run that is over, as `loom explain --json` does: what changed and
 * what was seen before are in it.
 *
 * @param runDirectory - Absolute.
 * @param repoRoot - The project whose earlier runs are compared. Absolute.
 * @returns Nothing where the evidence cannot be read.
 */
export async function explainFinished(
  runDirectory: string,
  repoRoot: string,
  env: Environment,
): Promise<Explanation | undefined> {
  const run = await openRun(runDirectory);
  if (!run.ok) return undefined;
  // Loaded for a failure only: the program has this file beside what every run loads.
  const loaded = await loadPart("explains runs", async () => import("@loom/diagnosis"));
  if (!loaded.ok) return undefined;
  const { explainRun, readTimeline } = loaded.value;
  const runs = await listRuns(repoRoot);
  const timeline = await readTimeline(run.value);
  const explained = await explainRun(run.value, {
    ...(runs.ok && { changes: { runs: runs.value, git: createGit(repoRoot, { env }) } }),
    ...(timeline.ok && { timeline: timeline.value }),
  });
  return explained.ok ? explained.value : undefined;
}

/** The tests that the reports of a run that is over tell of, by job. */
export async function testsOfFinished(
  runDirectory: string,
): Promise<ReadonlyMap<JobId, readonly ReportedTest[]>> {
  const none = new Map<JobId, readonly ReportedTest[]>();
  const run = await openRun(runDirectory);
  const manifest = run.ok ? await run.value.pipelineManifest() : undefined;
  if (!run.ok || manifest?.ok !== true) return none;
  const loaded = await loadPart("reads test reports", async () => import("@loom/diagnosis/tests"));
  if (!loaded.ok) return none;
  return await loaded.value.readRunTests(
    run.value,
    manifest.value.jobs.map(({ job_id: id }) => id),
  );
}
