import type { RunReader } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import { explainJobFailure } from "../explain/explain-failure.ts";

/**
 * The lines that tell why jobs failed, as `explainRun` chooses them, but as they were printed: with their colours.
 *
 * @param jobs - Jobs that failed; each costs the end of one stream.
 * @returns By job; those of which nothing can be read are left out.
 */
export async function failureExcerpts(
  run: RunReader,
  jobs: readonly JobId[],
): Promise<ReadonlyMap<JobId, readonly string[]>> {
  const manifestRead = await run.pipelineManifest();
  const manifest = manifestRead.ok ? manifestRead.value : undefined;
  const found = await Promise.all(
    jobs.map(async (job) => {
      const { printed } = await explainJobFailure(run, job, { manifest, notes: [] });
      return [job, printed] as const;
    }),
  );
  return new Map(found.filter(([, lines]) => lines.length > 0));
}
