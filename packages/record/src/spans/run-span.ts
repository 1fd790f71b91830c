import {
  type EpochMs,
  type JobId,
  type PhaseCode,
  type PhaseStatus,
  type SectionName,
  type StepPart,
  unreachable,
} from "@loom/core";

/** What a span is about. */
export type SpanUnit =
  | { readonly kind: "run" }
  /** A phase of the run; `pipeline.execute` has the jobs in it. */
  | { readonly kind: "phase"; readonly phase: PhaseCode }
  | { readonly kind: "job"; readonly jobId: JobId }
  | {
      readonly kind: "section";
      readonly jobId: JobId;
      readonly attempt: number;
      readonly section: SectionName;
    }
  | { readonly kind: "step"; readonly jobId: JobId; readonly attempt: number; readonly step: number };

/** A part of a run that took time, from its start to its end. */
export interface RunSpan {
  /** Names it among the spans of its run; the same for the same unit of any run. */
  readonly id: string;
  /** The span that it is part of; absent for the run itself. */
  readonly parent?: string;
  readonly unit: SpanUnit;
  /** The place in the run of the record that began it. */
  readonly seq: number;
  readonly startedAtMs: EpochMs;
  /** Not before the start. Of a span that is open: the time of the last record. */
  readonly endedAtMs: EpochMs;
  /** `running`: its records do not say how it ended, as the run goes on or was cut off. */
  readonly status: PhaseStatus | "running";
  readonly exitCode?: number;
  readonly signal?: string;
  /** Why it did not succeed; of a job that failed, why the unit did that made it fail. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Of a job: why it was skipped, or the code of the error that it ended with. */
  readonly reason?: string;
  /** What a step runs, and how it is called, where the graph says so. */
  readonly command?: string;
  readonly name?: string;
  readonly part?: StepPart;
  /** Of a step that failed: the job went on, as the step may fail. */
  readonly tolerated?: true;
}

/** Names the span of a unit. */
export function spanId(unit: SpanUnit): string {
  switch (unit.kind) {
    case "run":
      return "run";
    case "phase":
      return unit.phase;
    case "job":
      return `jobs/${unit.jobId}`;
    case "section":
      return `jobs/${unit.jobId}/${unit.attempt}/${unit.section}`;
    case "step":
      return `jobs/${unit.jobId}/${unit.attempt}/${unit.step}`;
    default:
      return unreachable(unit);
  }
}

/** Names the span that the span of a unit is part of; `undefined` for the run itself. */
export function parentSpanId(unit: SpanUnit): string | undefined {
  switch (unit.kind) {
    case "run":
      return undefined;
    case "phase":
      return spanId({ kind: "run" });
    case "job":
      return spanId({ kind: "phase", phase: "pipeline.execute" });
    case "section":
    case "step":
      return spanId({ kind: "job", jobId: unit.jobId });
    default:
      return unreachable(unit);
  }
}
