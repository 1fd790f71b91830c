import type { EventError } from "./event.ts";
import type { EpochMs, JobId } from "./ids.ts";
import { isPaused, type JobState } from "./job-state.ts";
import type { JobReport } from "./run-input.ts";

/**
 * What becomes of the thing that a job is in the middle of when whoever carried it out is gone: one input, after which there may
 * be more.
 *
 * @param error - Why, with the code `worker_lost`.
 * @returns `undefined` for a job that is not running. One that is held goes on to its end: whoever records that has to note it first, as a
 *   person's answer.
 */
export function lostReport(
  state: JobState,
  jobId: JobId,
  { error, atMs }: { readonly error: EventError; readonly atMs: EpochMs },
): JobReport | undefined {
  if (state.status !== "running") return undefined;
  if (isPaused(state)) return { type: "job_resumed", jobId, how: "continue", atMs };
  if (state.phase === "job.execution")
    return { type: "step_finished", jobId, step: state.step.number, end: { kind: "lost", error }, atMs };
  // A cleanup changes no result, and what was to be cleaned up is gone with who did.
  const outcome =
    state.phase === "job.cleanup"
      ? ({ status: "cancelled" } as const)
      : ({ status: "failed", error } as const);
  if (state.section !== undefined)
    return { type: "section_finished", jobId, section: state.section.name, outcome, atMs };
  return { type: "phase_finished", jobId, phase: state.phase, outcome, atMs };
}
