import { openRun, type RunReader } from "@loom/artifacts";
import type { JobId, StreamRef } from "@loom/core";
import type { LifecycleRecord, RecordSink, RunEnd } from "@loom/ports";
import { loadPart } from "../workflow/load-part.ts";

/** Failed jobs whose cause is looked for at the end: as many as any output shows. */
const MOST = 6;

/** Of a shorter run nobody asks where the time went. Unit: milliseconds. */
const WORTH_TELLING_MS = 5000;

/** Counts what decides whether there is more to tell at the end of a run. */
export class EndTally implements RecordSink {
  #failed = 0;
  #ran = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  record(_stream: StreamRef, record: LifecycleRecord): void {
    if (record.event !== "job_state") return;
    if (record.to === "running") this.#ran += 1;
    if (record.to === "failed") this.#failed += 1;
    this.#lastMs = Date.parse(record.ts);
    this.#firstMs ??= this.#lastMs;
  }

  lines(): void {
    // Only states are counted.
  }

  flush(): void {
    // Nothing waits.
  }

  get hasFailures(): boolean {
    return this.#failed > 0;
  }

  /** Whether more than one job ran, and for long. */
  get isLong(): boolean {
    return this.#ran > 1 && this.#lastMs - (this.#firstMs ?? this.#lastMs) >= WORTH_TELLING_MS;
  }
}

/**
 * What the evidence of a run that is over tells more than its records did: why jobs failed, and where the time of a long
 * run went. What finds it is loaded only where there is something to find.
 *
 * @param runDirectory - Absolute.
 * @returns Nothing where the evidence cannot be read: what a reporter has seen has to do.
 */
export async function readClosing(
  runDirectory: string,
  { hasFailures, isLong }: Pick<EndTally, "hasFailures" | "isLong">,
): Promise<Pick<RunEnd, "excerpts" | "time">> {
  if (!hasFailures && !isLong) return {};
  const run = await openRun(runDirectory);
  if (!run.ok) return {};
  const loaded = await loadPart("explains runs", async () => import("@loom/diagnosis/closing"));
  if (!loaded.ok) return {};
  const { failureExcerpts, readTimeline, timeLines, timeReport } = loaded.value;
  const timeline = isLong ? await readTimeline(run.value) : undefined;
  return {
    ...(hasFailures && { excerpts: await failureExcerpts(run.value, await failedJobs(run.value)) }),
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
