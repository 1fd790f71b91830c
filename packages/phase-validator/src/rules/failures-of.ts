import type { JudgedJob, JobTerminal, JudgedRun } from "../intake/run-facts.ts";

/** A job that ended `failed`. */
export interface RecordedFailure {
  readonly job: JudgedJob;
  readonly terminal: JobTerminal;
  /** Whether it counts against the pipeline: by the graph, else by a document; without either it is not known. */
  readonly blocking: boolean | undefined;
}

/** The jobs that ended `failed`, in the order in which they finished. */
export function failuresOf(run: JudgedRun): readonly RecordedFailure[] {
  const tolerated = new Map(run.graph?.jobs.map((job) => [job.id, job.allowFailure]));
  const failures: RecordedFailure[] = [];
  for (const job of run.jobs.values()) {
    const { terminal } = job;
    if (terminal?.status !== "failed") continue;
    const allowed = tolerated.get(job.id);
    failures.push({ job, terminal, blocking: allowed === undefined ? job.documentedBlocking : !allowed });
  }
  return failures.toSorted((a, b) => a.terminal.seq - b.terminal.seq);
}
