import { encodeEvent } from "@loom/artifacts";
import type { RunIdentity } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { ComingFinish } from "../coming-finish.ts";
import type { LiveValidation } from "../live-validation.ts";

/** Validates a run that was taken up, of which other processes have recorded a part: from the disk, at its end. */
export function createDiskValidation(identity: RunIdentity, directory: string): LiveValidation {
  const coming = new ComingFinish(identity);
  return {
    onWritten: (streamPath, _line, record) => coming.record(streamPath, record),
    onLines: (_streamPath, _line, firstSeq, count) => coming.lines(firstSeq, count),
    report: (nowMs) => {
      const finish = coming.at(nowMs);
      const upcoming = `${encodeEvent(finish)}\n`;
      const judged = judgeRunDirectory(directory, {
        checkedAt: finish.ts,
        identity,
        upcoming,
        documents: false,
      });
      if (judged.ok) return judged.value;
      throw new Error(judged.error.message);
    },
  };
}
