import { unreachable, type PhaseStatus, type RunStatus } from "@loom/core";
import type { Claim, JudgedJob, PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";
import { failuresOf } from "./failures-of.ts";
import { judgeJobExit, judgeRunExit, judgeStepExit, judgeUnreachedExit } from "./judge-exit-codes.ts";
import { attemptsOf } from "./required-phases.ts";
import { finishPlace, spanTitle } from "./span-place.ts";

/** Finds documents that say something else than the streams. Reported at the record they contradict. */
export function judgeDocuments(run: JudgedRun, log: ViolationLog): void {
  for (const claim of run.claims) judgeClaim(run, claim, log);
  judgeBlocking(run, log);
  judgeCounts(run, log);
  judgeFailedList(run, log);
}

function judgeClaim(run: JudgedRun, claim: Claim, log: ViolationLog): void {
  switch (claim.about) {
    case "run":
      return judgeRunClaim(run, claim, log);
    case "job":
      return judgeJobClaim(run, claim, log);
    case "step": {
      const isIt = (span: PhaseSpan): boolean => span.step === claim.step;
      return judgePartClaim(run, { claim, isIt, name: `step ${claim.step}` }, log);
    }
    case "section": {
      const isIt = (span: PhaseSpan): boolean => span.section === claim.section;
      return judgePartClaim(run, { claim, isIt, name: `section ${claim.section}` }, log);
    }
    default:
      return unreachable(claim);
  }
}

function judgeRunClaim(run: JudgedRun, claim: Claim, log: ViolationLog): void {
  const pipeline = run.envelope.get("pipeline.execute");
  if (pipeline?.status === undefined) return undefined;
  const status = runStatuses(run, pipeline.status).find((allowed) => allowed === claim.status);
  if (status !== undefined) return judgeRunExit(pipeline, { claim, status }, log);
  log.add(
    "status_mismatch",
    finishPlace(pipeline),
    () => `"${claim.path}" says ${word(claim.status)}, but "pipeline.execute" finished as ${pipeline.status}`,
  );
  return undefined;
}

/** What the run may be called, given how its pipeline ended. */
function runStatuses(run: JudgedRun, status: PhaseStatus): readonly RunStatus[] {
  switch (status) {
    case "success": {
      // What fails after the jobs fails the run, not the pipeline.
      const finalize = run.envelope.get("run.finalize")?.status;
      return finalize === undefined || finalize === "success"
        ? ["success"]
        : ["success", "failure", "cancelled"];
    }
    case "failed":
      return ["failure"];
    case "cancelled":
      return ["cancelled"];
    case "skipped": {
      const bootstrap = run.envelope.get("run.bootstrap")?.status;
      // A run that was cancelled is called so, whatever else went wrong: docs/contract.md#status.
      if (bootstrap === "failed") return ["failure", "cancelled"];
      return ["success", "failure", "cancelled"];
    }
    default:
      return unreachable(status);
  }
}

function judgeJobClaim(run: JudgedRun, claim: Claim & { about: "job" }, log: ViolationLog): void {
  const job = run.jobs.get(claim.jobId);
  if (job?.terminal === undefined) return undefined;
  const { terminal } = job;
  if (terminal.status === claim.status) return judgeJobExit({ job, terminal }, claim, log);
  log.add(
    "status_mismatch",
    { streamPath: terminal.stream.path, line: terminal.line, scope: "job", jobId: claim.jobId },
    () =>
      `"${claim.path}" says ${word(claim.status)}, but the job "${claim.jobId}" ended as ${terminal.status}`,
  );
  return undefined;
}

interface PartClaim {
  readonly claim: Claim & { about: "step" | "section" };
  /** Whether a span is the step or section in question. */
  readonly isIt: (span: PhaseSpan) => boolean;
  readonly name: string;
}

function judgePartClaim(run: JudgedRun, part: PartClaim, log: ViolationLog): void {
  const { claim, name } = part;
  const job = run.jobs.get(claim.jobId);
  const span = job === undefined ? undefined : latest(job, part);
  if (span === undefined) {
    // A step that was never reached has no stream; the manifest lists it as skipped.
    if (claim.status === "skipped") return judgeUnreachedExit(part, log);
    log.add(
      "status_mismatch",
      { streamPath: claim.path, line: 0, scope: claim.about === "step" ? "step" : "job", jobId: claim.jobId },
      () => `"${claim.path}" says ${word(claim.status)} of ${name}, which has no records`,
    );
    return undefined;
  }
  if (span.status === claim.status) return judgeStepExit(span, claim, log);
  if (span.status === undefined) return undefined;
  log.add(
    "status_mismatch",
    finishPlace(span),
    () => `"${claim.path}" says ${word(claim.status)}, but ${spanTitle(span)} finished as ${span.status}`,
  );
  return undefined;
}

/** The step or section in the attempt that a document speaks of: its own, or the last that got there. */
function latest(job: JudgedJob, part: PartClaim): PhaseSpan | undefined {
  const { claim } = part;
  // A job's manifest lists the steps of the last attempt, also those it did not reach.
  const last = claim.about === "step" && claim.path.endsWith("manifest.json") ? attemptsOf(job) : undefined;
  const attempt = claim.attempt ?? last;
  let found: PhaseSpan | undefined;
  for (const span of job.spans) {
    if (!part.isIt(span) || (attempt !== undefined && span.attempt !== attempt)) continue;
    // Stryker disable next-line EqualityOperator: no two spans of an attempt are the same step or section
    if (found === undefined || span.attempt > found.attempt) found = span;
  }
  return found;
}

function judgeBlocking(run: JudgedRun, log: ViolationLog): void {
  for (const { job, terminal, blocking } of failuresOf(run)) {
    const { documentedBlocking } = job;
    if (documentedBlocking === undefined || documentedBlocking === blocking) continue;
    log.add(
      "status_mismatch",
      { streamPath: terminal.stream.path, line: terminal.line, scope: "job", jobId: job.id },
      () =>
        `The documents say that the failure of the job "${job.id}" is ${documentedBlocking ? "" : "not "}blocking, the graph says otherwise`,
    );
  }
}

function judgeCounts(run: JudgedRun, log: ViolationLog): void {
  const { counts } = run.pipelineClaims;
  const ends = [...run.jobs.values()].map(({ terminal }) => terminal?.status);
  // While a job has not ended, the counts cannot be held against anything.
  if (counts === undefined || ends.includes(undefined)) return;
  for (const [status, count] of counts.byStatus) {
    const ended = ends.filter((end) => status === "total" || end === status).length;
    if (ended === count) continue;
    log.add(
      "status_mismatch",
      documentPlace(counts.path),
      () => `"${counts.path}" counts ${count} as ${status}, the streams ${ended}`,
    );
  }
}

function judgeFailedList(run: JudgedRun, log: ViolationLog): void {
  const { failed } = run.pipelineClaims;
  const failures = failuresOf(run);
  if (failed === undefined || failures.some(({ blocking }) => blocking === undefined)) return;
  const blocking = failures.filter((failure) => failure.blocking).map(({ job }) => job.id);
  if (blocking.length === failed.jobIds.length && blocking.every((id, index) => id === failed.jobIds[index]))
    return;
  log.add(
    "status_mismatch",
    documentPlace(failed.path),
    () => `"${failed.path}" names ${list(failed.jobIds)} as failed, the streams ${list(blocking)}`,
  );
}

function documentPlace(streamPath: string): ViolationPlace {
  return { streamPath, line: 0, scope: "pipeline" };
}

function list(ids: readonly string[]): string {
  if (ids.length === 0) return "no job";
  const shown = ids.slice(0, 5).map((id) => `"${id.slice(0, 64)}"`);
  return ids.length > 5 ? `${shown.join(", ")} and ${ids.length - 5} more` : shown.join(", ");
}

function word(status: string): string {
  return status === "" ? "no status" : status.slice(0, 64);
}
