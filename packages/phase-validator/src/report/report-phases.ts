import { PHASES } from "@loom/core";
import type { PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import { isJobPhase, isRequired } from "../rules/required-phases.ts";
import type { ReportedPhase } from "./phase-report.ts";

/** Lists the phases by the `seq` of their start; with `full` also sections and steps. */
export function reportPhases(run: JudgedRun, full: boolean): readonly ReportedPhase[] {
  const spans = [...run.envelope.values()];
  for (const job of run.jobs.values()) spans.push(...(full ? job.spans : job.spans.filter(isJobPhase)));
  return spans.toSorted((a, b) => orderOf(a) - orderOf(b)).map(reportPhase);
}

function orderOf(span: PhaseSpan): number {
  if (!Number.isNaN(span.startSeq)) return span.startSeq;
  return Number.isNaN(span.finishSeq) ? Number.MAX_SAFE_INTEGER : span.finishSeq;
}

function reportPhase(span: PhaseSpan): ReportedPhase {
  const { jobId, step, section, status, startedAt, finishedAt } = span;
  return {
    scope: PHASES[span.code].scope,
    phase_code: span.code,
    phase_family: PHASES[span.code].family,
    ...(jobId !== undefined && { job_id: jobId }),
    ...(step !== undefined && { step }),
    ...(section !== undefined && { section }),
    ...(status !== undefined && { status }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(finishedAt !== undefined && { finished_at: finishedAt }),
    ...(status !== undefined && { duration_ms: span.durationMs }),
    required: isRequired(span),
    stream_path: span.stream.path,
  };
}
