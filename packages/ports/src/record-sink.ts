import type { LoomEvent, OutputEvent, OutputStream, StreamRef } from "@loom/core";

/** A record other than a line of output; lines come in batches. */
export type LifecycleRecord = Exclude<LoomEvent, OutputEvent>;

/**
 * Consecutive lines of one output of one process, not yet decoded.
 *
 * Line `i` lies in `bytes` from the end of line `i - 1` plus one (its newline),
 * or from 0, up to `ends[i]`, and has the place `firstSeq + i` in the run.
 */
export interface LineBatch {
  readonly stream: OutputStream;
  readonly firstSeq: number;
  /** RFC 3339, UTC, milliseconds; the same for every line of the batch. */
  readonly ts: string;
  /** Belongs to the caller: copy it to keep it beyond the call. */
  readonly bytes: Uint8Array;
  /** Offset of the end of each line, its newline not counted. At least one. */
  readonly ends: readonly number[];
  /** The (only) line of this batch continues in the next batch of the same `stream`. */
  readonly partial: boolean;
}

/**
 * Somewhere the records of a run go: the files on disk, a terminal, a validator.
 *
 * Every sink receives every record, in the order of `seq`. A sink never sees
 * the run otherwise. It does not throw on what the outside does to it (a full
 * disk, a closed pipe).
 */
export interface RecordSink {
  /** Takes one record of a stream. */
  record(stream: StreamRef, record: LifecycleRecord): void;
  /** Takes lines of output of a step or a section. */
  lines(stream: StreamRef, batch: LineBatch): void;
  /**
   * Hands everything taken so far to the operating system, where the sink keeps
   * evidence. Called after every group of records that belong to one moment, so
   * that phase boundaries are never held back.
   */
  flush(): void;
  /**
   * Resolves when the sink can take more output. Awaited before more of a
   * process's output is read; absent means always.
   */
  drained?(): Promise<void> | undefined;
}
