import { PHASES } from "@loom/core";
import type { PhaseSpan } from "../intake/run-facts.ts";
import type { ViolationPlace } from "../report/violation-log.ts";

/** Where a violation about a phase is reported: at its start, its finish, or whichever of them there is. */
export function spanPlace(span: PhaseSpan, at: "start" | "finish"): ViolationPlace {
  const wanted = at === "start" ? span.startLine : span.finishLine;
  return {
    streamPath: span.stream.path,
    line: wanted === 0 ? span.startLine + span.finishLine : wanted,
    scope: PHASES[span.code].scope,
    phaseCode: span.code,
    jobId: span.jobId,
  };
}

/** What a phase, section or step is called in messages. */
export function spanTitle(span: PhaseSpan): string {
  const notes: string[] = [];
  if (span.section !== undefined) notes.push(`section ${span.section}`);
  if (span.step !== undefined) notes.push(`step ${span.step}`);
  if (span.attempt > 1) notes.push(`attempt ${span.attempt}`);
  return notes.length === 0 ? `"${span.code}"` : `"${span.code}" (${notes.join(", ")})`;
}
