import { jobId, jobsByMatrix, type GraphIr, type JobId } from "@loom/core";
import type { JobView } from "@loom/reporters/view";
import { isHeld } from "./held-jobs.ts";

/** The matrices of a workflow that make two jobs or more. */
export interface JobMatrices {
  /** The name of the matrix that makes a job. */
  readonly nameOf: ReadonlyMap<JobId, string>;
  /** How many jobs each makes. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Which jobs of a graph belong together. */
export function matricesOf(graph: GraphIr | undefined): JobMatrices {
  const nameOf = new Map<JobId, string>();
  const sizes = new Map<string, number>();
  for (const { matrix, jobs } of jobsByMatrix(graph?.nodes ?? [], (node) => node.matrix?.job)) {
    if (matrix === undefined || jobs.length < 2) continue;
    sizes.set(matrix, jobs.length);
    for (const { id } of jobs) nameOf.set(jobId(id), matrix);
  }
  return { nameOf, sizes };
}

/** The key of the row of a matrix. */
export function matrixKey(name: string): string {
  return `matrix:${name}`;
}

/** A matrix with so many jobs is open if everything fits. */
const FEW = 4;

/** The most jobs that a matrix may have to be open until the user closes it. @param rows - Of everything that can be listed, and of the screen. */
export function openSize(
  { sizes }: JobMatrices,
  rows: { readonly all: number; readonly height: number },
): number {
  let needed = rows.all;
  for (const size of sizes.values()) needed += size <= FEW ? 1 : 1 - size;
  return needed <= rows.height ? FEW : 0;
}

/** What decides which jobs of a matrix are shown. */
export interface FoldInput {
  /** Whether the user opened or closed it; absent if neither. */
  readonly choice?: boolean | undefined;
  /** The job that the user selected; it is always shown. */
  readonly picked?: JobId | undefined;
  /** The most jobs it may have to be open by itself. */
  readonly openSize: number;
}

/** The jobs of a matrix that are shown: all if it is open; otherwise those that failed or are held, unless the user closed it. */
export function unfoldedJobs(
  jobs: readonly JobView[],
  { choice, picked, openSize: most }: FoldInput,
): { readonly open: boolean; readonly shown: readonly JobView[] } {
  if (choice ?? jobs.length <= most) return { open: true, shown: jobs };
  const shown = choice === false ? [] : jobs.filter((job) => job.status === "failed" || isHeld(job));
  const isIn = (some: readonly JobView[]): boolean => some.some(({ jobId: id }) => id === picked);
  return picked !== undefined && isIn(jobs) && !isIn(shown)
    ? { open: true, shown: jobs }
    : { open: false, shown };
}
