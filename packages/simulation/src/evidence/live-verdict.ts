import { encodeEvent } from "@loom/artifacts";
import { EVENT_SCHEMA_VERSION, type EpochMs, type PhaseFinishEvent, type RunIdentity } from "@loom/core";
import { createPhaseValidator, type PhaseReport } from "@loom/phase-validator";
import type { LifecycleRecord } from "@loom/ports";
import { wireTime } from "@loom/record";

/** Judges a run while it is recorded, as the program does. */
export class LiveVerdict {
  readonly #identity: RunIdentity;
  readonly #validator: ReturnType<typeof createPhaseValidator>;
  readonly #sizes = new Map<string, number>();
  #lastSeq = 0;
  #runLines = 0;
  #finalizeStartedAt = "";

  constructor(identity: RunIdentity) {
    this.#identity = identity;
    this.#validator = createPhaseValidator({ identity });
  }

  /** Call for every record as it is placed in a stream. */
  written(streamPath: string, line: number, record: LifecycleRecord, bytes: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    if (streamPath === "events.jsonl") {
      this.#runLines = line;
      if (record.event === "phase_start") this.#finalizeStartedAt = record.ts;
    }
    this.#grow(streamPath, bytes);
    this.#validator.record(streamPath, line, record);
  }

  /** Call for output lines as they are placed in a stream. */
  lines(
    streamPath: string,
    line: number,
    found: { readonly firstSeq: number; readonly count: number; readonly bytes: number },
  ): void {
    this.#lastSeq = Math.max(this.#lastSeq, found.firstSeq + found.count - 1);
    this.#grow(streamPath, found.bytes);
    this.#validator.outputLines(streamPath, line, { firstSeq: found.firstSeq, count: found.count });
  }

  /** The verdict on everything written, plus the finish of `run.finalize`, which follows. */
  report(finishedAtMs: EpochMs): PhaseReport {
    const ts = wireTime(finishedAtMs);
    const finish: PhaseFinishEvent = {
      seq: this.#lastSeq + 1,
      ts,
      event: "phase_finish",
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: this.#identity.runId,
      pipeline_id: this.#identity.pipelineId,
      scope: "run",
      phase_code: "run.finalize",
      phase_family: "finalize",
      status: "success",
      duration_ms: Math.max(0, finishedAtMs - Date.parse(this.#finalizeStartedAt)),
    };
    this.#validator.record("events.jsonl", this.#runLines + 1, finish);
    this.#grow("events.jsonl", Buffer.byteLength(encodeEvent(finish)) + 1);
    for (const [path, bytes] of this.#sizes) this.#validator.streamEnd(path, bytes);
    return this.#validator.report(ts);
  }

  #grow(streamPath: string, bytes: number): void {
    this.#sizes.set(streamPath, (this.#sizes.get(streamPath) ?? 0) + bytes);
  }
}
