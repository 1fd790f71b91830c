import type { GraphNode } from "./graph-ir.ts";
import { jobId, type JobId } from "./ids.ts";

/**
 * What the names of a workflow mean: the id of a job that job, the name of a job with a matrix all jobs that it makes.
 *
 * @returns In declaration order, a name before the jobs that its matrix makes.
 */
export function jobsByName(
  nodes: readonly Pick<GraphNode, "id" | "matrix">[],
): ReadonlyMap<string, readonly JobId[]> {
  const jobs = new Map<string, JobId[]>();
  for (const { id, matrix } of nodes) {
    if (matrix !== undefined) {
      const made = jobs.get(matrix.job);
      if (made === undefined) jobs.set(matrix.job, [jobId(id)]);
      else made.push(jobId(id));
    }
    jobs.set(id, [jobId(id)]);
  }
  return jobs;
}

/** The jobs that some names mean, each once, in the order of the names; names of no job are left out. */
export function jobsNamed(
  names: readonly string[],
  nodes: readonly Pick<GraphNode, "id" | "matrix">[],
): readonly JobId[] {
  if (names.length === 0) return [];
  const jobs = jobsByName(nodes);
  return [...new Set(names.flatMap((name) => jobs.get(name) ?? []))];
}
