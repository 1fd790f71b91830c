import { openRun } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import { loadPart } from "../workflow/load-part.ts";

/** Failed jobs whose cause is looked for at the end: as many as any output shows. */
const MOST = 6;

/**
 * What tells why the jobs of a run failed, read from its evidence: what looks for it is loaded only where one did.
 *
 * @param runDirectory - Absolute.
 * @returns By job. Empty where the evidence cannot be read: what a reporter has seen has to do.
 */
export async function readExcerpts(runDirectory: string): Promise<ReadonlyMap<JobId, readonly string[]>> {
  const run = await openRun(runDirectory);
  const summary = run.ok ? await run.value.pipelineSummary() : run;
  if (!run.ok || !summary.ok || summary.value.job_counts.failed === 0) return new Map();
  const manifest = await run.value.pipelineManifest();
  const failed = (manifest.ok ? manifest.value.jobs : []).filter(({ status }) => status === "failed");
  const first = [...failed.filter(({ blocking }) => blocking), ...failed.filter(({ blocking }) => !blocking)];
  const loaded = await loadPart("explains failures", async () => import("@loom/diagnosis/excerpts"));
  if (!loaded.ok) return new Map();
  const { failureExcerpts } = loaded.value;
  return await failureExcerpts(
    run.value,
    first.slice(0, MOST).map(({ job_id: id }) => id),
  );
}
