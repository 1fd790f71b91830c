/** Jobs that follow each other and come from one matrix, or a job without one. */
export interface MatrixGroup<T> {
  /** The name of the job with the matrix; absent for a job without one. */
  readonly matrix?: string;
  readonly jobs: readonly [T, ...T[]];
}

/** Groups jobs by the matrix that makes them, in their order. @param matrixOf - The name of the job with the matrix. */
export function jobsByMatrix<T>(
  jobs: readonly T[],
  matrixOf: (job: T) => string | undefined,
): MatrixGroup<T>[] {
  const groups: { readonly matrix?: string; readonly jobs: [T, ...T[]] }[] = [];
  for (const job of jobs) {
    const matrix = matrixOf(job);
    const last = groups.at(-1);
    if (matrix === undefined) groups.push({ jobs: [job] });
    else if (last?.matrix === matrix) last.jobs.push(job);
    else groups.push({ matrix, jobs: [job] });
  }
  return groups;
}
