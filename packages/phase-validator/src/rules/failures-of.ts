import type { JobFacts, RunFacts } from "../intake/run-facts.ts";

/**
 * The jobs that ended `failed`, in the order in which they finished.
 *
 * `blocking` is taken from the graph, else from a document; without either it
 * is not known.
 */
export function failuresOf(
  run: RunFacts,
): readonly { readonly job: JobFacts; readonly blocking: boolean | undefined }[] {
  const tolerated = new Map(run.graph?.jobs.map((job) => [job.id, job.allowFailure]));
  return [...run.jobs.values()]
    .filter((job) => job.terminal?.status === "failed")
    .toSorted((a, b) => (a.terminal?.seq ?? 0) - (b.terminal?.seq ?? 0))
    .map((job) => {
      const allowed = tolerated.get(job.id);
      return { job, blocking: allowed === undefined ? job.documentedBlocking : !allowed };
    });
}
