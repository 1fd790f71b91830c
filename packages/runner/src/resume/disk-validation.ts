import { encodeEvent } from "@loom/artifacts";
import { EVENT_SCHEMA_VERSION, type EpochMs, type PhaseFinishEvent, type RunIdentity } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { fromWireTime, wireTime } from "@loom/record";
import type { LiveValidation } from "../live-validation.ts";

/** Validates a run that was taken up, of which other processes have recorded a part: from the disk, at its end. */
export function createDiskValidation(identity: RunIdentity, directory: string): LiveValidation {
  let lastSeq = 0;
  let finalizeStartedAtMs = 0;
  return {
    onWritten: (streamPath, _line, record) => {
      lastSeq = Math.max(lastSeq, record.seq);
      if (streamPath === "events.jsonl" && record.event === "phase_start")
        finalizeStartedAtMs = fromWireTime(record.ts);
    },
    onLines: (_streamPath, _line, firstSeq, count) => {
      lastSeq = Math.max(lastSeq, firstSeq + count - 1);
    },
    report: (nowMs: EpochMs) => {
      const checkedAt = wireTime(nowMs);
      const finish: PhaseFinishEvent = {
        seq: lastSeq + 1,
        ts: checkedAt,
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
      const upcoming = `${encodeEvent(finish)}\n`;
      const judged = judgeRunDirectory(directory, { checkedAt, identity, upcoming, documents: false });
      if (judged.ok) return judged.value;
      throw new Error(judged.error.message);
    },
  };
}
