import type { EpochMs, GraphIr, LoomEvent, RunIdentity } from "@loom/core";
import { encodeEvent } from "@loom/artifacts";
import { createPhaseValidator, type PhaseReport } from "@loom/phase-validator";
import { ComingFinish, RUN_STREAM } from "./coming-finish.ts";

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
  const coming = new ComingFinish(identity);
  let runLines = 0;
  const sizes = new Map<string, number>();
  const grow = (streamPath: string, bytes: number): void => {
    sizes.set(streamPath, (sizes.get(streamPath) ?? 0) + bytes);
  };
  return {
    onWritten: (streamPath, line, record, bytes) => {
      coming.record(streamPath, record);
      if (streamPath === RUN_STREAM) runLines = line;
      grow(streamPath, bytes);
      validator.record(streamPath, line, record);
    },
    onLines: (streamPath, line, firstSeq, count, bytes) => {
      coming.lines(firstSeq, count);
      grow(streamPath, bytes);
      validator.outputLines(streamPath, line, { firstSeq, count });
    },
    report: (nowMs) => {
      const finish = coming.at(nowMs);
      validator.record(RUN_STREAM, runLines + 1, finish);
      grow(RUN_STREAM, Buffer.byteLength(encodeEvent(finish)) + 1);
      for (const [streamPath, bytes] of sizes) validator.streamEnd(streamPath, bytes);
      return validator.report(finish.ts);
    },
  };
}
