import type { PhaseCode } from "@loom/core";
import type { EnvelopeCode, JudgedJob, PhaseSpan } from "../intake/run-facts.ts";

/** Of what a sound run has a phase exactly once; `optional`: of an attempt, where there is something to do. */
const ONCE_PER: { readonly [C in EnvelopeCode]: "run" } & {
  readonly [C in Exclude<PhaseCode, EnvelopeCode>]: "job" | "attempt" | "step" | "optional";
} = {
  "run.bootstrap": "run",
  "run.pipeline_execute": "run",
  "pipeline.execute": "run",
  "run.finalize": "run",
  "job.provider_prepare": "attempt",
  "job.cache_restore": "optional",
  "job.artifact_restore": "optional",
  "job.execution": "attempt",
  "job.artifact_save": "optional",
  "job.cache_save": "optional",
  // Stryker disable next-line StringLiteral: no rule asks for the word, only whether it is another
  "job.cleanup": "job",
  // Stryker disable next-line StringLiteral: likewise
  "step.script": "step",
};
const CODES = Object.keys(ONCE_PER) as readonly PhaseCode[];

/** The phases around all jobs, each of which a run has exactly once, in the order in which they start. */
export const ENVELOPE: readonly EnvelopeCode[] = CODES.filter(isEnvelope);

/** The phases that every attempt of a job that started has. */
export const ATTEMPT_PHASES: readonly PhaseCode[] = CODES.filter((code) => ONCE_PER[code] === "attempt");

function isEnvelope(code: PhaseCode): code is EnvelopeCode {
  return ONCE_PER[code] === "run";
}

/** Whether a run is invalid without this phase, given that its job or attempt took place. */
export function isRequired(span: PhaseSpan): boolean {
  return ONCE_PER[span.code] !== "optional" && isJobPhase(span);
}

/** Whether the span is one of the job's own phases, not a section or a step. */
export function isJobPhase(span: PhaseSpan): boolean {
  return span.section === undefined && span.step === undefined;
}

/** How many attempts a job made, 0 when it never started. */
export function attemptsOf(job: JudgedJob): number {
  let attempts = job.running === undefined ? 0 : 1;
  for (const span of job.spans) {
    if (span.code !== "job.cleanup") attempts = Math.max(attempts, span.attempt);
  }
  return attempts;
}

/** A span that is a step. */
export interface StepSpan extends PhaseSpan {
  readonly step: number;
}

/** The steps of all attempts of a job. */
export function stepsOf(job: JudgedJob): readonly StepSpan[] {
  return job.spans.filter((span): span is StepSpan => span.step !== undefined);
}

/** The steps that the last attempt of a job got to, and those of earlier ones that it keeps. */
export function lastStepsOf(job: JudgedJob): readonly StepSpan[] {
  const steps = stepsOf(job);
  const found: StepSpan[] = [];
  let below = Infinity;
  for (let attempt = attemptsOf(job); attempt > 0; attempt -= 1) {
    for (const step of steps) if (step.attempt === attempt && step.step < below) found.push(step);
    const fromStep = fromStepOf(job, attempt);
    if (fromStep === undefined) break;
    below = Math.min(below, fromStep);
  }
  return found;
}

/** The step that an attempt begins at which goes on with what the one before it has. */
export function fromStepOf(job: JudgedJob, attempt: number): number | undefined {
  return phaseOf(job, "job.execution", attempt)?.fromStep;
}

/** One of the job's own phases. */
export function phaseOf(job: JudgedJob, code: PhaseCode, attempt: number): PhaseSpan | undefined {
  return job.spans.find((span) => span.code === code && span.attempt === attempt && isJobPhase(span));
}

/**
 * The step that made the last attempt of a job fail. One of `after_script` may fail behind an execution that succeeded, and
 * then it made nothing fail, unless its worker was lost.
 */
export function failingStepOf(job: JudgedJob): StepSpan | undefined {
  const execution = phaseOf(job, "job.execution", attemptsOf(job));
  if (execution?.status === "success") return undefined;
  const steps = lastStepsOf(job);
  return execution?.isWorkerLost === true ? steps.find((step) => step.isWorkerLost) : firstFailed(steps);
}

/** The step that failed first, of those that the job did not go on after: steps run one after the other, so the one with the lowest number. */
function firstFailed(steps: readonly StepSpan[]): StepSpan | undefined {
  const [first] = steps
    .filter(({ status, tolerated }) => status === "failed" && !tolerated)
    .toSorted((a, b) => a.step - b.step);
  return first;
}
