import type { EpochMs } from "./ids.ts";
import type { JobCommand } from "./job-input.ts";
import { isPaused, type JobState } from "./job-state.ts";
import type { JobPlan } from "./run-plan.ts";

/**
 * What carries on the step that a job is in the middle of, for whoever takes up a run: the step itself, and what is left of its limits of
 * time. What the attempt took before its first step does not count for that of the job.
 *
 * @returns In the order in which they are carried out; `undefined` for a job that is in no step, or was asked to stop.
 */
export function carryOnCommands(
  plan: JobPlan,
  state: JobState,
  atMs: EpochMs,
): readonly JobCommand[] | undefined {
  if (state.status !== "running" || state.phase !== "job.execution" || isPaused(state)) return undefined;
  const { attempt, step, decided, stop } = state;
  if (stop !== undefined || step.isOverdue === true || state.isAbandoned === true) return undefined;
  const { jobId, timeoutMs, stepTimeoutsMs } = plan;
  const stepTimeoutMs = stepTimeoutsMs?.get(step.number);
  const left = (limitMs: number, sinceMs: EpochMs): number => Math.max(0, limitMs - (atMs - sinceMs));
  const verdict = decided?.verdict.status;
  const about = { jobId, attempt };
  return [
    { type: "run_step", ...about, step: step.number, ...(verdict !== undefined && { verdict }) },
    ...(timeoutMs === undefined
      ? []
      : [{ type: "start_timer", ...about, afterMs: left(timeoutMs, state.phaseStartedAtMs) } as const]),
    ...(stepTimeoutMs === undefined
      ? []
      : [
          {
            type: "start_timer",
            ...about,
            step: step.number,
            afterMs: left(stepTimeoutMs, step.startedAtMs),
          } as const,
        ]),
  ];
}
