import type { RunReader } from "@loom/artifacts";
import type { FoundError, JobId } from "@loom/core";
import { explainJobFailure } from "../explain/explain-failure.ts";

/** What tells why a job failed. */
export interface FailureCause {
  /** The lines that `explainRun` chooses, but as they were printed: with their colours. */
  readonly lines: readonly string[];
  /** The errors that `explainRun` gives, the most telling first; files relative to the project. */
  readonly errors: readonly FoundError[];
}

/**
 * Why jobs failed, by the same analysis as `explainRun`.
 *
 * @param jobs - Jobs that failed; each costs the end of one stream.
 */
export async function readFailures(
  run: RunReader,
  jobs: readonly JobId[],
): Promise<ReadonlyMap<JobId, FailureCause>> {
  const manifestRead = await run.pipelineManifest();
  const manifest = manifestRead.ok ? manifestRead.value : undefined;
  const found = await Promise.all(
    jobs.map(async (job) => {
      const { printed, errors } = await explainJobFailure(run, job, { manifest, notes: [] });
      return [job, { lines: printed, errors }] as const;
    }),
  );
  return new Map(found);
}
