import type { PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import type { ViolationLog } from "../report/violation-log.ts";
import { isRequired } from "./required-phases.ts";
import { finishPlace, spanTitle, startPlace } from "./span-place.ts";

/** Finds starts without a finish, finishes without a start, and finishes that come first. */
export function judgePairs(run: JudgedRun, log: ViolationLog): void {
  for (const span of run.envelope.values()) judgePair(span, log);
  for (const job of run.jobs.values()) {
    for (const span of job.spans) judgePair(span, log);
  }
}

function judgePair(span: PhaseSpan, log: ViolationLog): void {
  if (span.finishSeq < span.startSeq) {
    log.add(
      "finish_before_start",
      finishPlace(span),
      () =>
        `${spanTitle(span)} finishes with the sequence number ${span.finishSeq}, before it starts with ${span.startSeq}`,
    );
  }
  // What is required has been named by the coverage.
  if (isRequired(span)) return;
  if (span.startLine === 0) {
    log.add("missing_start", finishPlace(span), () => `${spanTitle(span)} has no start`);
  }
  if (span.finishLine === 0) {
    log.add("missing_finish", startPlace(span), () => `${spanTitle(span)} has no finish`);
  }
}
