import { PHASES, type PhaseCode } from "@loom/core";
import { noFacts, type JudgedJob, type PhaseSpan, type JudgedRun } from "../intake/run-facts.ts";
import type { Coverage, MissingBoundary } from "../report/phase-report.ts";
import type { ViolationLog } from "../report/violation-log.ts";
import { ATTEMPT_PHASES, attemptsOf, ENVELOPE, fromStepOf, phaseOf } from "./required-phases.ts";

/** Counts the boundaries that had to be there and names those that are not. */
export function judgeCoverage(run: JudgedRun, log: ViolationLog): Coverage {
  const missing: MissingBoundary[] = [];
  let required = 0;
  const expect = (code: PhaseCode, span: PhaseSpan | undefined, job?: JudgedJob): void => {
    for (const boundary of ["start", "finish"] as const) {
      required += 1;
      if (span !== undefined && (boundary === "start" ? span.startLine : span.finishLine) !== 0) continue;
      const { scope } = PHASES[code];
      missing.push({
        scope,
        phase_code: code,
        ...(job !== undefined && { job_id: job.id }),
        boundary,
      });
      const place = {
        streamPath: span?.stream.path ?? streamOf(code, job),
        line: span === undefined ? 0 : span.startLine + span.finishLine,
        scope,
        phaseCode: code,
        jobId: job?.id,
      };
      log.add(
        boundary === "start" ? "missing_start" : "missing_finish",
        place,
        () => `"${code}" has no ${boundary}${job === undefined ? "" : ` in the job "${job.id}"`}`,
      );
    }
  };
  for (const code of ENVELOPE) expect(code, run.envelope.get(code));
  for (const job of knownJobs(run)) {
    const attempts = attemptsOf(job);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      // One that goes on with what the attempt before it has is not set up again.
      const goesOn = fromStepOf(job, attempt) !== undefined;
      for (const code of ATTEMPT_PHASES)
        if (code === "job.execution" || !goesOn) expect(code, phaseOf(job, code, attempt), job);
    }
    expect("job.cleanup", phaseOf(job, "job.cleanup", 1), job);
  }
  return { required, observed: required - missing.length, missing };
}

/** The jobs that left a trace, then those that only the graph names. */
function* knownJobs(run: JudgedRun): Generator<JudgedJob> {
  yield* run.jobs.values();
  for (const { id } of run.graph?.jobs ?? []) {
    if (!run.jobs.has(id)) yield noFacts(id);
  }
}

function streamOf(code: PhaseCode, job: JudgedJob | undefined): string {
  if (job !== undefined) return `jobs/${job.id}/events.jsonl`;
  return code === "pipeline.execute" ? "pipeline/events.jsonl" : "events.jsonl";
}
