import type { JudgedJob, PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import { jobOf, scopeOf } from "../intake/stream-place.ts";
import type { ViolationLog } from "../report/violation-log.ts";
import { isJobPhase, phaseOf } from "./required-phases.ts";
import { finishPlace, spanTitle, startPlace } from "./span-place.ts";

/** Finds phases that reach outside the phase they are part of, and records after the end of the run. */
export function judgeNesting(run: JudgedRun, log: ViolationLog): void {
  const pipeline = run.envelope.get("pipeline.execute");
  const finalize = run.envelope.get("run.finalize");
  if (pipeline !== undefined) {
    judgeInside(pipeline, run.envelope.get("run.pipeline_execute"), log);
    if (finalize !== undefined && finalize.startSeq < latestOf(pipeline)) {
      const message = (): string => `"run.finalize" comes before the end of "pipeline.execute"`;
      log.add("outside_parent", startPlace(finalize), message);
    }
  }
  for (const job of run.jobs.values()) {
    for (const span of job.spans) judgeJobSpan(job, { span, pipeline }, log);
  }
  const { last } = run;
  if (finalize !== undefined && last !== undefined && last.seq > finalize.finishSeq) {
    const { stream, line } = last;
    const { path, place } = stream;
    log.add(
      "outside_parent",
      { streamPath: path, line, scope: scopeOf(place), jobId: jobOf(place) },
      () => `This record comes after the finish of "run.finalize", which is the last of a run`,
    );
  }
}

function judgeJobSpan(
  job: JudgedJob,
  place: { readonly span: PhaseSpan; readonly pipeline: PhaseSpan | undefined },
  log: ViolationLog,
): void {
  const { span, pipeline } = place;
  if (isJobPhase(span)) return judgeInside(span, pipeline, log);
  const parentCode = span.step === undefined ? span.code : "job.execution";
  const parent = phaseOf(job, parentCode, span.attempt);
  if (parent !== undefined) return judgeInside(span, parent, log);
  log.add("outside_parent", startPlace(span), () => `${spanTitle(span)} has no "${parentCode}" around it`);
}

function judgeInside(span: PhaseSpan, parent: PhaseSpan | undefined, log: ViolationLog): void {
  // Without any record of it, its absence is what the report names.
  if (parent === undefined) return;
  const early = span.startSeq < parent.startSeq || span.finishSeq < parent.startSeq;
  const late = span.startSeq > parent.finishSeq || span.finishSeq > parent.finishSeq;
  if (!early && !late) return;
  const startIsOut = span.startSeq < parent.startSeq || span.startSeq > parent.finishSeq;
  log.add(
    "outside_parent",
    startIsOut ? startPlace(span) : finishPlace(span),
    () =>
      `${spanTitle(span)} ${startIsOut ? "starts" : "finishes"} ${early ? "before" : "after"} ${spanTitle(parent)}`,
  );
}

function latestOf(span: PhaseSpan): number {
  return Number.isNaN(span.finishSeq) ? span.startSeq : span.finishSeq;
}
