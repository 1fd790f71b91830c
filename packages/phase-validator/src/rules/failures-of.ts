import type { GateJob, JudgedJob, JobTerminal, JudgedRun } from "../intake/run-facts.ts";
import { failingStepOf } from "./required-phases.ts";

/** A job that ended `failed`. */
export interface RecordedFailure {
  readonly job: JudgedJob;
  readonly terminal: JobTerminal;
  /** Whether it counts against the pipeline: by the graph, else by a document; without either it is not known. */
  readonly blocking: boolean | undefined;
}

/** Whether the pipeline goes on after the failure of a job, as its graph says. */
export function isTolerated(job: JudgedJob, allowed: GateJob["allowFailure"]): boolean {
  if (typeof allowed === "boolean") return allowed;
  const exitCode = failingStepOf(job)?.exitCode;
  return exitCode !== undefined && allowed.includes(exitCode);
}

/** The jobs that ended `failed`, in the order in which they finished. */
export function failuresOf(run: JudgedRun): readonly RecordedFailure[] {
  const tolerated = new Map(run.graph?.jobs.map((job) => [job.id, job.allowFailure]));
  const failures: RecordedFailure[] = [];
  for (const job of run.jobs.values()) {
    const { terminal } = job;
    if (terminal?.status !== "failed") continue;
    const allowed = tolerated.get(job.id);
    const blocking = allowed === undefined ? job.documentedBlocking : !isTolerated(job, allowed);
    failures.push({ job, terminal, blocking });
  }
  return failures.toSorted((a, b) => a.terminal.seq - b.terminal.seq);
}
