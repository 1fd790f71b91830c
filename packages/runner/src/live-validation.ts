import type { EpochMs, GraphIr, LoomEvent, PhaseFinishEvent, RunIdentity } from "@loom/core";
import { EVENT_SCHEMA_VERSION } from "@loom/core";
import { encodeEvent } from "@loom/artifacts";
import { createPhaseValidator, type PhaseReport } from "@loom/phase-validator";
import { fromWireTime } from "@loom/record";

/** Validates a run while it is being recorded. */
export interface LiveValidation {
  /** Called for every record as it gets its place in a stream. */
  readonly onWritten: (streamPath: string, line: number, record: LoomEvent, bytes: number) => void;
  /** Called for lines of output as they get their place. */
  readonly onLines: (
    streamPath: string,
    line: number,
    firstSeq: number,
    count: number,
    bytes: number,
  ) => void;
  /**
   * The verdict over the records so far and the finish of `run.finalize`, which
   * is decided by then and written right after the report.
   *
   * @param nowMs - The moment of that finish.
   */
  report(nowMs: EpochMs): PhaseReport;
}

/** Validates what the recorder writes without reading it back. */
export function createLiveValidation(identity: RunIdentity, graph?: GraphIr): LiveValidation {
  const validator = createPhaseValidator({ identity, ...(graph !== undefined && { graph }) });
  const runStream = "events.jsonl";
  let lastSeq = 0;
  let runLines = 0;
  /** Start of the latest run phase; `run.finalize` is the last. */
  let finalizeStartedAtMs = 0;
  const sizes = new Map<string, number>();
  const grow = (streamPath: string, bytes: number): void => {
    sizes.set(streamPath, (sizes.get(streamPath) ?? 0) + bytes);
  };
  return {
    onWritten: (streamPath, line, record, bytes) => {
      lastSeq = Math.max(lastSeq, record.seq);
      if (streamPath === runStream) {
        runLines = line;
        if (record.event === "phase_start") finalizeStartedAtMs = fromWireTime(record.ts);
      }
      grow(streamPath, bytes);
      validator.record(streamPath, line, record);
    },
    onLines: (streamPath, line, firstSeq, count, bytes) => {
      lastSeq = Math.max(lastSeq, firstSeq + count - 1);
      grow(streamPath, bytes);
      validator.outputLines(streamPath, line, { firstSeq, count });
    },
    report: (nowMs) => {
      const now = new Date(nowMs).toISOString();
      const finish: PhaseFinishEvent = {
        seq: lastSeq + 1,
        ts: now,
        event: "phase_finish",
        schema_version: EVENT_SCHEMA_VERSION,
        run_id: identity.runId,
        pipeline_id: identity.pipelineId,
        scope: "run",
        phase_code: "run.finalize",
        phase_family: "finalize",
        status: "success",
        duration_ms: Math.max(0, nowMs - finalizeStartedAtMs),
      };
      validator.record(runStream, runLines + 1, finish);
      grow(runStream, Buffer.byteLength(encodeEvent(finish)) + 1);
      for (const [streamPath, bytes] of sizes) validator.streamEnd(streamPath, bytes);
      return validator.report(now);
    },
  };
}
