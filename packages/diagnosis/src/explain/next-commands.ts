import { unreachable } from "@loom/core";
import type { ExplainedFailure, ExplainedOutcome, RunningWork } from "./explanation.ts";

/** The commands that lead on from how a run stands. */
export function nextCommands(
  runId: string,
  found: {
    readonly outcome: ExplainedOutcome;
    readonly failure: ExplainedFailure | undefined;
    /** How many lines the failing unit printed. */
    readonly linesTotal: number;
    /** What was running when the run was stopped or cut off, or runs now. */
    readonly running: RunningWork | undefined;
    /** Whether the failed job is held, and waits for somebody to say how it goes on. */
    readonly isHeld: boolean;
    /** Whether its documents were written. */
    readonly isClosed: boolean;
  },
): readonly string[] {
  const { outcome, failure } = found;
  const run = shellWord(runId);
  const work = failure?.job_id === undefined ? found.running : failure;
  const logs = work === undefined ? [] : [logsCommand(run, work, found.linesTotal)];
  const again = [failure?.job_id === undefined ? "loom run" : `loom run --job ${shellWord(failure.job_id)}`];
  switch (outcome) {
    case "success":
      return [`loom show ${run}`];
    case "failure":
      if (failure?.error?.code.startsWith("WF_") === true) return ["loom check"];
      if (failure?.unit === "run") return [`loom verify ${run}`];
      return [...logs, ...again, ...(failure === undefined ? [] : [`loom run --retry-failed ${run}`])];
    case "cancelled":
      return [...logs, ...again];
    case "interrupted":
      return [...logs, ...(found.isClosed ? [] : [`loom recover ${run}`]), ...again];
    case "running":
      if (found.isHeld && failure?.job_id !== undefined) {
        const held = `${shellWord(failure.job_id)} ${run}`;
        return [...logs, ...["retry-step", "shell", "continue"].map((what) => `loom ctl ${what} ${held}`)];
      }
      return [...logs, `loom logs --follow ${run}`];
    case "unfinished":
      return [...logs, `loom logs --follow ${run}`, `loom recover ${run}`];
    default:
      return unreachable(outcome);
  }
}

/** Lines that an agent is told to read of a long output. */
const TAIL = 100;

function logsCommand(
  run: string,
  { job_id: job = "", step }: Pick<ExplainedFailure, "job_id" | "step">,
  linesTotal: number,
): string {
  const bound = linesTotal > TAIL ? ` --tail ${TAIL}` : "";
  return `loom logs ${run} ${shellWord(job)}${step === undefined ? "" : ` ${step}`}${bound}`;
}

/** A word as a POSIX shell reads it back. */
function shellWord(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
