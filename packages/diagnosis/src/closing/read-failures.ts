import type { RunReader } from "@loom/artifacts";
import type { FoundError, JobId } from "@loom/core";
import { explainJobFailure } from "../explain/explain-failure.ts";
import { nextCommands } from "../explain/next-commands.ts";

/** What tells why a job failed. */
export interface FailureCause {
  /** The lines that `explainRun` chooses, but as they were printed: with their colours. */
  readonly lines: readonly string[];
  /** The errors that `explainRun` gives, the most telling first; files relative to the project. */
  readonly errors: readonly FoundError[];
  /** The commands that `explainRun` gives of a run that failed by this job. */
  readonly next: readonly string[];
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
      const parts = await explainJobFailure(run, job, { manifest, notes: [] });
      const { printed, errors, failure, linesTotal } = parts;
      const next = nextCommands(run.runId, {
        outcome: "failure",
        failure,
        linesTotal,
        running: undefined,
        isHeld: false,
        isClosed: true,
      });
      return [job, { lines: printed, errors, next }] as const;
    }),
  );
  return new Map(found);
}
