import type { EventError, Result, RunId } from "@loom/core";
import type { SectionLog } from "@loom/ports";
import { endProcesses } from "./end-processes.ts";
import { findMarked } from "./find-marked.ts";
import { newPids } from "./new-pids.ts";
import { listPids } from "./proc-files.ts";
import { listByPs, showsMarks } from "./ps-processes.ts";
import { reportEnded } from "./report-ended.ts";
import type { RunningProcess } from "./running-process.ts";

/** Where a sweep looks. */
export interface StraySweepOptions {
  /**
   * Whether the run belonged to another program, which is gone: every process
   * of the machine is looked at, not only those younger than this program.
   * Default: false.
   */
  readonly earlierProgram?: boolean;
}

/**
 * Ends every process of a run that is still there, wherever it moved: all
 * whose environment says `LOOM_RUN_ID=<runId>`.
 *
 * For the end of a run, after its jobs were closed. On Linux that finds
 * nothing unless a job could not be closed; elsewhere it is what finds the
 * processes that left their group.
 *
 * @returns `processes_left` when something still runs.
 */
export async function endStrayProcesses(
  runId: RunId,
  log: SectionLog,
  options: StraySweepOptions = {},
): Promise<Result<void, EventError>> {
  const mark = `LOOM_RUN_ID=${runId}`;
  const result = await endProcesses(() => find(mark, options.earlierProgram ?? false), new Set());
  return reportEnded("The run", result, log);
}

async function find(mark: string, everyProcess: boolean): Promise<RunningProcess[]> {
  if (process.platform !== "linux") {
    const running = await listByPs();
    return running.filter((seen) => seen.pid !== process.pid && showsMarks(seen, [mark]));
  }
  const sinceMs = performance.now() - process.uptime() * 1_000;
  const candidates = everyProcess ? (listPids() ?? []) : newPids(process.pid, sinceMs);
  return findMarked(candidates, [Buffer.from(mark)]);
}
