import type { JobId } from "./ids.ts";
import type { JobInput } from "./job-input.ts";
import type { RunInput } from "./run-input.ts";
import { unreachable } from "./unreachable.ts";

/** An input that the state does not allow. It changed nothing. */
export interface IllegalInput {
  readonly code: "CORE_ILLEGAL_INPUT";
  /** Names the state and the input. */
  readonly message: string;
  /** What the machine was in, such as `run executing` or `job "build": running job.execution, step 2`. */
  readonly state: string;
  /** What it was given, such as `step_finished (step 3 exited)`; with its job where the state does not name it. */
  readonly input: string;
}

/**
 * Describes an input that a state does not allow.
 *
 * @param jobId - The job it is about, where the state does not say so.
 */
export function illegalInput(state: string, input: JobInput | RunInput, jobId?: JobId): IllegalInput {
  const about = jobId === undefined ? [] : [`job "${jobId}"`];
  const details = [...about, ...detailsOf(input)].join(", ");
  const described = details === "" ? input.type : `${input.type} (${details})`;
  return {
    code: "CORE_ILLEGAL_INPUT",
    message: `Cannot take input ${described} in state ${state}`,
    state,
    input: described,
  };
}

function detailsOf(input: JobInput | RunInput): readonly string[] {
  switch (input.type) {
    case "section_started":
    case "section_finished":
      return [input.section];
    case "phase_finished":
      return [input.phase];
    case "step_finished":
      return [`step ${input.step} ${input.end.kind}`];
    case "job_timed_out":
      return [`attempt ${input.attempt}`];
    case "job_resumed":
      return [input.how];
    case "step_timed_out":
      return [`attempt ${input.attempt}`, `step ${input.step}`];
    case "job_ready":
    case "job_start":
    case "job_skip":
    case "job_cancel":
    case "job_stop_requested":
    case "job_played":
    case "pauses_enabled":
    case "run_started":
    case "run_resumed":
    case "bootstrap_finished":
    case "stop_requested":
    case "finalized":
      return [];
    default:
      return unreachable(input);
  }
}
