import {
  type EventError,
  type GraphNode,
  type JobId,
  type LoomEvent,
  nodeSteps,
  type OutputEvent,
  type PhaseFinishEvent,
  type StreamRef,
} from "@loom/core";
import { attemptStart } from "./attempt-start.ts";

/** What made an attempt at a job fail. */
export interface FailingUnit {
  /** Where its records are: a step, a section, or the job where a phase failed without a section. */
  readonly stream: Extract<StreamRef, { readonly jobId: JobId }>;
  /** Its end. */
  readonly end: PhaseFinishEvent;
  /** Why it failed; the word of the phase around it, if it has none of its own. */
  readonly error?: EventError;
}

/**
 * Whether the end of a step is what fails its job: it failed, the job does not go on after it, and it is none of
 * `after_script`, which changes no result unless its worker was lost.
 */
export function stepFailsJob(
  node: GraphNode | undefined,
  { status, tolerated, step, error }: Pick<PhaseFinishEvent, "status" | "tolerated" | "step" | "error">,
): boolean {
  if (status !== "failed" || tolerated === true || step === undefined) return false;
  if (error?.code === "worker_lost") return true;
  return node === undefined || nodeSteps(node)[step - 1]?.part !== "after";
}

/**
 * Which unit failed each job, in the attempt that it is at.
 *
 * A step that fails its job is the cause; else the first phase that failed, by its first section that did. A job without
 * a failure costs nothing.
 */
export class FailingUnits {
  readonly #failing = new Map<JobId, FailingUnit>();
  /** The sections that failed first, of phases that may fail with them. */
  readonly #sections = new Map<JobId, FailingUnit>();

  /** What made the last attempt at a job fail; `undefined` while nothing has. */
  of(jobId: JobId): FailingUnit | undefined {
    return this.#failing.get(jobId);
  }

  /** Takes one record of a job, in the order of `seq`. */
  record(stream: StreamRef, record: Exclude<LoomEvent, OutputEvent>, node: GraphNode | undefined): void {
    if (record.event !== "phase_start" && record.event !== "phase_finish") return;
    if (stream.kind === "run" || stream.kind === "pipeline") return;
    const { jobId } = stream;
    if (record.event === "phase_start") {
      if (attemptStart(stream, record) === undefined) return;
      this.#failing.delete(jobId);
      this.#sections.delete(jobId);
      return;
    }
    if (record.status !== "failed") return;
    const unit: FailingUnit = {
      stream,
      end: record,
      ...(record.error !== undefined && { error: record.error }),
    };
    const known = this.#failing.get(jobId);
    if (stream.kind === "step") {
      const isFirst = known?.stream.kind !== "step";
      if (isFirst && stepFailsJob(node, { ...record, step: stream.step })) this.#failing.set(jobId, unit);
    } else if (stream.kind === "section") {
      if (this.#sections.get(jobId)?.end.phase_code !== record.phase_code) this.#sections.set(jobId, unit);
    } else if (known === undefined) {
      const section = this.#sections.get(jobId);
      const isOfPhase = section?.end.phase_code === record.phase_code;
      this.#failing.set(jobId, isOfPhase ? { ...unit, ...section } : unit);
    }
  }
}
