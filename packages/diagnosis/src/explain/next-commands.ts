import { unreachable } from "@loom/core";
import type { ExplainedFailure, ExplainedOutcome } from "./explanation.ts";

/** The commands that lead on from how a run stands. */
export function nextCommands(
  runId: string,
  found: {
    readonly outcome: ExplainedOutcome;
    readonly failure: ExplainedFailure | undefined;
    /** Whether its documents were written. */
    readonly isClosed: boolean;
  },
): readonly string[] {
  const { outcome, failure } = found;
  const run = shellWord(runId);
  const logs = failure?.job_id === undefined ? [] : [logsCommand(run, failure)];
  const again = [failure?.job_id === undefined ? "loom run" : `loom run --job ${shellWord(failure.job_id)}`];
  switch (outcome) {
    case "success":
      return [`loom show ${run}`];
    case "failure":
      if (failure?.error?.code.startsWith("WF_") === true) return ["loom check"];
      return failure?.unit === "run" ? [`loom verify ${run}`] : [...logs, ...again];
    case "cancelled":
      return [...logs, ...again];
    case "interrupted":
      return [...logs, ...(found.isClosed ? [] : [`loom recover ${run}`]), ...again];
    case "running":
      return [...logs, `loom logs --follow ${run}`];
    case "unfinished":
      return [...logs, `loom logs --follow ${run}`, `loom recover ${run}`];
    default:
      return unreachable(outcome);
  }
}

function logsCommand(run: string, { job_id: job = "", step }: ExplainedFailure): string {
  return `loom logs ${run} ${shellWord(job)}${step === undefined ? "" : ` ${step}`}`;
}

/** A word as a POSIX shell reads it back. */
function shellWord(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
