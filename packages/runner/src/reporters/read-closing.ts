import { posix, relative } from "node:path";
import { openRun, type RunReader } from "@loom/artifacts";
import type { FoundError, JobId, StreamRef } from "@loom/core";
import type { LifecycleRecord, RecordSink, RunEnd } from "@loom/ports";
import type { FailureCause } from "@loom/diagnosis/closing";
import { findRepository } from "../workflow/find-workflow.ts";
import { loadPart } from "../workflow/load-part.ts";

/** Failed jobs whose cause is looked for at the end; each costs the end of one stream. */
const MOST = 20;

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
 * @param projectFolder - Absolute; in the checkout.
 * @returns Nothing where the evidence cannot be read: what a reporter has seen has to do.
 */
export async function readClosing(
  runDirectory: string,
  projectFolder: string,
  { hasFailures, isLong }: Pick<EndTally, "hasFailures" | "isLong">,
): Promise<Pick<RunEnd, "errors" | "excerpts" | "next" | "time">> {
  if (!hasFailures && !isLong) return {};
  const run = await openRun(runDirectory);
  if (!run.ok) return {};
  const loaded = await loadPart("explains runs", async () => import("@loom/diagnosis/closing"));
  if (!loaded.ok) return {};
  const { readFailures, readTimeline, timeLines, timeReport } = loaded.value;
  const timeline = isLong ? await readTimeline(run.value) : undefined;
  const failures = hasFailures ? await readFailures(run.value, await failedJobs(run.value)) : undefined;
  return {
    ...causes(failures, projectBelow(projectFolder)),
    ...(timeline?.ok === true && { time: timeLines(timeReport(timeline.value)) }),
  };
}

/** What a reporter shows of why jobs failed; a job of which nothing can be read is left out. */
function causes(
  failures: ReadonlyMap<JobId, FailureCause> | undefined,
  below: string,
): Pick<RunEnd, "errors" | "excerpts" | "next"> {
  if (failures === undefined) return {};
  const known = [...failures];
  const first = known[0]?.[1];
  return {
    ...(first !== undefined && { next: first.next }),
    excerpts: new Map(
      known.filter(([, { lines }]) => lines.length > 0).map(([job, { lines }]) => [job, lines] as const),
    ),
    errors: new Map(
      known.map(([job, { errors }]) => [job, errors.map((error) => inRepository(error, below))] as const),
    ),
  };
}

/** Where in its repository a project is; empty where it is the root, or in no repository. */
function projectBelow(projectFolder: string): string {
  const repository = findRepository(projectFolder);
  return repository === undefined ? "" : relative(repository, projectFolder);
}

/** An error with its file relative to the repository instead of the project; without one that is outside. */
function inRepository({ file, ...error }: FoundError, below: string): FoundError {
  const path = file === undefined || file.startsWith("/") ? ".." : posix.join(below, file);
  return path === ".." || path.startsWith("../") ? error : { ...error, file: path };
}

/** Those that count first, in declaration order. */
async function failedJobs(run: RunReader): Promise<readonly JobId[]> {
  const manifest = await run.pipelineManifest();
  const failed = (manifest.ok ? manifest.value.jobs : []).filter(({ status }) => status === "failed");
  return [...failed.filter(({ blocking }) => blocking), ...failed.filter(({ blocking }) => !blocking)]
    .slice(0, MOST)
    .map(({ job_id: id }) => id);
}
