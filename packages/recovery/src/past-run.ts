import type { JobId, RecordedEvent } from "@loom/core";

/** Everything that the streams of a run hold, lines of output counted only. */
export interface ReadRun {
  /** Every record but output, mirrors left out, by rising `seq`. */
  readonly records: readonly PastEvent[];
  /** By path of the step's stream. */
  readonly outputs: ReadonlyMap<string, StepOutput>;
  /** What stands in the mirror of a job's execution, by job, in its order. */
  readonly mirrors: ReadonlyMap<JobId, readonly number[]>;
  /** Streams that end in the middle of a line. */
  readonly torn: readonly TornStream[];
  /** `seq` of records that are missing below the last one: first and last of each gap, rising. */
  readonly gaps: readonly (readonly [number, number])[];
  /** The highest `seq`; 0 when there is no record. */
  readonly lastSeq: number;
  /** The latest `ts`; absent when there is no record. */
  readonly lastTs?: string;
}

/** A record of a past run, and where it stands. */
export interface PastEvent extends RecordedEvent {
  /** Relative to the run's directory. */
  readonly path: string;
}

/** What one attempt at a step has put out. */
export interface StepOutput {
  readonly jobId: JobId;
  readonly step: number;
  readonly lines: number;
  /** Of the text as it was recorded: bytes that were not UTF-8 count as their replacement. */
  readonly bytes: number;
}

/** A stream whose writer was cut off. */
export interface TornStream {
  readonly path: string;
  /** How long the stream is without its last, unfinished line. Bytes. */
  readonly wholeBytes: number;
  /** The unfinished line. */
  readonly rest: string;
}
