import { openRun, type RunReader } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import type { RunEnd } from "@loom/ports";
import { loadPart } from "../workflow/load-part.ts";

/** Failed jobs whose cause is looked for at the end: as many as any output shows. */
const MOST = 6;

/** Of a shorter run nobody asks where the time went. Unit: milliseconds. */
const WORTH_TELLING_MS = 5000;

/**
 * What the evidence of a run that is over tells more than its records did: why jobs failed, and where the time of a long
 * run went. What finds it is loaded only where there is something to find.
 *
 * @param runDirectory - Absolute.
 * @returns Nothing where the evidence cannot be read: what a reporter has seen has to do.
 */
export async function readClosing(runDirectory: string): Promise<Pick<RunEnd, "excerpts" | "time">> {
  const run = await openRun(runDirectory);
  const summary = run.ok ? await run.value.pipelineSummary() : run;
  if (!run.ok || !summary.ok) return {};
  const { job_counts: counts, duration_ms: durationMs } = summary.value;
  const isLong = durationMs >= WORTH_TELLING_MS && counts.total - counts.skipped > 1;
  if (counts.failed === 0 && !isLong) return {};
  const loaded = await loadPart("explains runs", async () => import("@loom/diagnosis/closing"));
  if (!loaded.ok) return {};
  const { failureExcerpts, readTimeline, timeLines, timeReport } = loaded.value;
  const timeline = isLong ? await readTimeline(run.value) : undefined;
  return {
    ...(counts.failed > 0 && { excerpts: await failureExcerpts(run.value, await failedJobs(run.value)) }),
    ...(timeline?.ok === true && { time: timeLines(timeReport(timeline.value)) }),
  };
}

/** Those that count first, in declaration order. */
async function failedJobs(run: RunReader): Promise<readonly JobId[]> {
  const manifest = await run.pipelineManifest();
  const failed = (manifest.ok ? manifest.value.jobs : []).filter(({ status }) => status === "failed");
  return [...failed.filter(({ blocking }) => blocking), ...failed.filter(({ blocking }) => !blocking)]
    .slice(0, MOST)
    .map(({ job_id: id }) => id);
}
