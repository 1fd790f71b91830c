import type { JudgedJob, JudgedRun, PhaseSpan } from "../intake/run-facts.ts";
import type { ViolationLog } from "../report/violation-log.ts";
import { isJobPhase } from "./required-phases.ts";
import { finishPlace, spanTitle, startPlace } from "./span-place.ts";

/** Finds what happened in an attempt after its worker was lost: nobody was there any more to do it. */
export function judgeLostWorkers(run: JudgedRun, log: ViolationLog): void {
  for (const job of run.jobs.values()) {
    for (const span of job.spans) if (losesAttempt(span)) judgeLost(job, span, log);
  }
}

/** A section speaks for its phase, an execution for its steps, and the cleanup belongs to no attempt. */
function losesAttempt(span: PhaseSpan): boolean {
  if (!span.isWorkerLost || span.section !== undefined) return false;
  return span.code !== "job.cleanup" && span.code !== "job.execution";
}

function judgeLost(job: JudgedJob, lost: PhaseSpan, log: ViolationLog): void {
  if (lost.exitCode !== undefined) {
    log.add(
      "status_mismatch",
      finishPlace(lost),
      () => `${spanTitle(lost)} has an exit code, but its worker was lost before anybody saw one`,
    );
  }
  const next = job.spans.find(
    (span) =>
      span.attempt === lost.attempt &&
      span.startSeq > lost.finishSeq &&
      span.code !== "job.cleanup" &&
      !isLeftOut(span),
  );
  if (next === undefined) return;
  const message = (): string =>
    `${spanTitle(next)} began, though ${spanTitle(lost)} before it lost its worker`;
  log.add("status_mismatch", startPlace(next), message);
}

/** An execution that did not take place has its boundaries all the same. One without an end may be one. */
function isLeftOut(span: PhaseSpan): boolean {
  const { code, status } = span;
  return code === "job.execution" && isJobPhase(span) && status !== "success" && status !== "failed";
}
