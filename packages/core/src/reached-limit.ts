import type { EventError } from "./event.ts";
import type { GraphNode } from "./graph-ir.ts";
import { jobId } from "./ids.ts";
import { limitError, stepLimitError } from "./stop-error.ts";

/** A limit of time that was reached. */
export interface ReachedLimit {
  /** Whose it is: of the whole job, or of the step that was cut. */
  readonly of: "job" | "step";
  readonly ms: number;
}

/**
 * Which limit of a job made it fail.
 *
 * @param step - The step that failed, from 1; absent when none did.
 * @returns `undefined` when the error tells of no limit, or of none that the job has.
 */
export function reachedLimit(
  node: Pick<GraphNode, "id" | "timeout_ms" | "step_options">,
  { code, message }: Pick<EventError, "code" | "message">,
  step?: number,
): ReachedLimit | undefined {
  if (code !== "timeout") return undefined;
  const { timeout_ms: ofJob, step_options: options = [] } = node;
  const ofStep = options.find((each) => each.step === step)?.timeout_ms;
  // Both end the step in the same way; what is said of it differs.
  if (step !== undefined && ofStep !== undefined && stepLimitError(step, ofStep).message === message)
    return { of: "step", ms: ofStep };
  if (ofJob !== undefined && limitError({ jobId: jobId(node.id), timeoutMs: ofJob }).message === message)
    return { of: "job", ms: ofJob };
  return undefined;
}
