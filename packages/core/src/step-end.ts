import type { EventError } from "./event.ts";
import type { JobInput } from "./job-input.ts";
import type { StepEnd } from "./job-result.ts";
import { isTimedOut, type AttemptStop } from "./job-state.ts";
import { stopError } from "./stop-error.ts";
import type { JobPlan } from "./run-plan.ts";
import { unreachable } from "./unreachable.ts";
import type { PhaseStatus } from "./vocabulary.ts";

/** What an end may say of the process, whatever its kind. */
interface ProcessFacts {
  readonly kind: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

type RecordedEnd = (JobInput & { readonly type: "step_finished" })["end"];

function factsOf(end: RecordedEnd): { exitCode?: number; signal?: string } {
  const { exitCode, signal }: ProcessFacts = end;
  return { ...(exitCode !== undefined && { exitCode }), ...(signal !== undefined && { signal }) };
}

/**
 * How a step ended, given how its process did.
 *
 * @param stop - What the attempt was asked to stop for: the first of it is the
 *   cause, even when the process came to an end of its own after that.
 * @param overdue - That the step itself was asked to stop, as it reached its own limit. Only the limit of the whole job,
 *   reached while it stops, outweighs that: no other record would tell of it.
 */
export function stepEndOf(
  end: RecordedEnd,
  stop: AttemptStop | undefined,
  plan: Pick<JobPlan, "jobId" | "timeoutMs">,
  overdue?: EventError,
): StepEnd {
  if (overdue !== undefined && !isTimedOut(stop)) return { kind: "stopped", error: overdue, ...factsOf(end) };
  if (stop === undefined) {
    if (end.kind === "unknown") throw new Error("Nobody asked the process to stop whose end is unknown");
    return end;
  }
  const error = stopError(stop, plan);
  return error === undefined
    ? { kind: "cancelled", ...factsOf(end) }
    : { kind: "stopped", error, ...factsOf(end) };
}

/**
 * How a step of `after_script` ended, which runs whether the attempt was asked to stop or not.
 *
 * @param overdue - That it was asked to stop, as it reached its own limit.
 */
export function afterStepEndOf(end: RecordedEnd, overdue?: EventError): StepEnd {
  if (overdue !== undefined) return { kind: "stopped", error: overdue, ...factsOf(end) };
  if (end.kind === "unknown") return { kind: "cancelled" };
  return end.kind === "not_started" && end.error.code === "cancelled" ? { kind: "cancelled" } : end;
}

/** Status of a step whose process ended that way. */
export function stepStatus(end: StepEnd): PhaseStatus {
  if (end.kind === "cancelled") return "cancelled";
  return end.kind === "exited" && end.exitCode === 0 ? "success" : "failed";
}

/** Whether this is why something failed: what ran the attempt is gone, so nothing more of it can be run. */
export function isWorkerLost(error: EventError | undefined): error is EventError {
  return error?.code === "worker_lost";
}

/** Exit code of a step's process, where it had one. */
export function exitCodeOf(end: StepEnd): number | undefined {
  const { exitCode }: ProcessFacts = end;
  return exitCode;
}

/** What a finish record says of the process. */
export function processFields(end: StepEnd): { exit_code?: number; signal?: string } {
  const { exitCode, signal }: ProcessFacts = end;
  return { ...(exitCode !== undefined && { exit_code: exitCode }), ...(signal !== undefined && { signal }) };
}

/** Why a step is not a success; absent when it is, or was cancelled. */
export function stepError(step: number, end: StepEnd): EventError | undefined {
  switch (end.kind) {
    case "exited":
      return end.exitCode === 0
        ? undefined
        : { code: "exit_code", message: `Step ${step} exited with code ${end.exitCode}` };
    case "signaled":
      return end.error ?? { code: "signal", message: `Step ${step} was ended by ${end.signal}` };
    case "stopped":
    case "not_started":
    case "lost":
      return end.error;
    case "cancelled":
      return undefined;
    default:
      return unreachable(end);
  }
}
