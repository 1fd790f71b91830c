import { openRun, type JobManifest, type ManifestJob, type ReadError, type RunReader } from "@loom/artifacts";
import type { CacheError } from "@loom/cache";
import { err, ok, type JobId, type Result } from "@loom/core";
import type { Clock } from "@loom/ports";
import type { CacheHit } from "./phases/job-phases.ts";

/** A job that came out otherwise with caches than without. */
export interface DifferentJob {
  readonly jobId: JobId;
  /** In what, one clause each: `failed instead of success`, `dist/app.js differs`. */
  readonly differences: readonly string[];
}

/** What two runs, one without caches and one with, have shown. */
export interface BlamedCaches {
  /** In declaration order; empty when caches change nothing. */
  readonly jobs: readonly DifferentJob[];
  /** The caches that are not restored until they have been saved again. */
  readonly quarantined: readonly CacheHit[];
}

/** What is compared, and where the caches are. */
export interface BlameOptions {
  /** Absolute path of the evidence of the run without caches. */
  readonly without: string;
  /** The same of the run with caches. */
  readonly with: string;
  /** The caches that the second one was given. */
  readonly hits: readonly CacheHit[];
  readonly cacheHome: string;
  readonly clock: Clock;
}

/**
 * Compares a run without caches with one that had them: status, exit code and
 * artifacts of each job. Where they differ, the caches that the second run was
 * given are put under quarantine: those of the job that differs, and of the
 * jobs before it, since one of them may have brought the difference in.
 */
export async function blameCaches(
  options: BlameOptions,
): Promise<Result<BlamedCaches, ReadError | CacheError>> {
  const before = await openRun(options.without);
  const after = await openRun(options.with);
  if (!before.ok) return before;
  if (!after.ok) return after;
  const jobs = await differentJobs(before.value, after.value);
  if (!jobs.ok) return jobs;
  const first = jobs.value[0];
  if (first === undefined) return ok({ jobs: [], quarantined: [] });
  const { hits, cacheHome, clock } = options;
  const { createCacheStore, quarantineCaches } = await import("@loom/cache");
  const store = createCacheStore({ cacheHome, clock });
  const put = quarantineCaches(
    store,
    hits.map(({ address }) => address),
  );
  return put.ok ? ok({ jobs: jobs.value, quarantined: hits }) : err(put.error);
}

async function differentJobs(
  without: RunReader,
  withCaches: RunReader,
): Promise<Result<readonly DifferentJob[], ReadError>> {
  const [before, after] = [await without.pipelineManifest(), await withCaches.pipelineManifest()];
  if (!before.ok) return before;
  if (!after.ok) return after;
  const known = new Map(after.value.jobs.map((job) => [job.job_id, job]));
  const different: DifferentJob[] = [];
  for (const job of before.value.jobs) {
    const other = known.get(job.job_id);
    if (other === undefined) continue;
    const artifacts = await artifactDifferences(without, withCaches, job.job_id);
    if (!artifacts.ok) return artifacts;
    const differences = [...resultDifferences(job, other), ...artifacts.value];
    if (differences.length > 0) different.push({ jobId: job.job_id, differences });
  }
  return ok(different);
}

function resultDifferences(without: ManifestJob, withCaches: ManifestJob): readonly string[] {
  if (withCaches.status !== without.status) return [`${withCaches.status} instead of ${without.status}`];
  if (withCaches.exit_code === without.exit_code) return [];
  return [`exit code ${withCaches.exit_code ?? "none"} instead of ${without.exit_code ?? "none"}`];
}

async function artifactDifferences(
  without: RunReader,
  withCaches: RunReader,
  jobId: JobId,
): Promise<Result<readonly string[], ReadError>> {
  const [before, after] = [await without.jobManifest(jobId), await withCaches.jobManifest(jobId)];
  if (!before.ok) return before;
  if (!after.ok) return after;
  const [had, has] = [hashesOf(before.value), hashesOf(after.value)];
  const paths = [...new Set([...had.keys(), ...has.keys()])].toSorted();
  return ok(
    paths.flatMap((path) => {
      const [old, now] = [had.get(path), has.get(path)];
      if (old === now) return [];
      if (old === undefined) return [`${path} exists only with caches`];
      return [now === undefined ? `${path} is missing` : `${path} differs`];
    }),
  );
}

function hashesOf({ artifacts }: JobManifest): ReadonlyMap<string, string> {
  return new Map(artifacts?.files.map(({ path, sha256 }) => [path, sha256]));
}
