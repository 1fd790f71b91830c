import { PHASES } from "@loom/core";
import type { PhaseSpan } from "../intake/run-facts.ts";
import type { ViolationPlace } from "../report/violation-log.ts";

/** Where a violation about the start of a phase is reported: there, or at its finish when it has no start. */
export function startPlace(span: PhaseSpan): ViolationPlace {
  return placeAt(span, span.startLine === 0 ? span.finishLine : span.startLine);
}

/** Where a violation about the finish of a phase is reported: there, or at its start when it has no finish. */
export function finishPlace(span: PhaseSpan): ViolationPlace {
  return placeAt(span, span.finishLine === 0 ? span.startLine : span.finishLine);
}

function placeAt(span: PhaseSpan, line: number): ViolationPlace {
  return {
    streamPath: span.stream.path,
    line,
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
