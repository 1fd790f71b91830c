import {
  EVENT_SCHEMA_VERSION,
  type EpochMs,
  type LoomEvent,
  type PhaseFinishEvent,
  type RunIdentity,
} from "@loom/core";
import { fromWireTime, wireTime } from "@loom/record";

/** Path of the run's own stream. */
export const RUN_STREAM = "events.jsonl";

/** Follows what a run records, so as to know its last record before it is written: the finish of `run.finalize`. */
export class ComingFinish {
  readonly #identity: RunIdentity;
  #lastSeq = 0;
  /** Start of the latest run phase; `run.finalize` is the last. */
  #finalizeStartedAtMs = 0;

  constructor(identity: RunIdentity) {
    this.#identity = identity;
  }

  record(streamPath: string, record: LoomEvent): void {
    this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    if (streamPath === RUN_STREAM && record.event === "phase_start")
      this.#finalizeStartedAtMs = fromWireTime(record.ts);
  }

  lines(firstSeq: number, count: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, firstSeq + count - 1);
  }

  /** @param nowMs - The moment of it. */
  at(nowMs: EpochMs): PhaseFinishEvent {
    const { runId, pipelineId } = this.#identity;
    return {
      seq: this.#lastSeq + 1,
      ts: wireTime(nowMs),
      event: "phase_finish",
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: runId,
      pipeline_id: pipelineId,
      scope: "run",
      phase_code: "run.finalize",
      phase_family: "finalize",
      status: "success",
      duration_ms: Math.max(0, nowMs - this.#finalizeStartedAtMs),
    };
  }
}
