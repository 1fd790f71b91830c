/** An input that the state does not allow. It changed nothing. */
export interface IllegalInput {
  readonly code: "CORE_ILLEGAL_INPUT";
  /** Names the state and the input. */
  readonly message: string;
  /** What the machine was in, such as `job "build": running job.execution, step 2`. */
  readonly state: string;
  /** What it was given, such as `step_finished (step 3)`. */
  readonly input: string;
}

/** Describes an input that a state does not allow. */
export function illegalInput(state: string, input: string): IllegalInput {
  return {
    code: "CORE_ILLEGAL_INPUT",
    message: `Cannot take input "${input}" in state "${state}"`,
    state,
    input,
  };
}
