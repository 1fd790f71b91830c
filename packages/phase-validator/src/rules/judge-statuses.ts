import { SET_UP_PHASES, type PhaseCode, type PhaseStatus } from "@loom/core";
import type { GateJob, JudgedJob, PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import type { ViolationLog } from "../report/violation-log.ts";
import { failuresOf } from "./failures-of.ts";
import { attemptsOf, isJobPhase, phaseOf } from "./required-phases.ts";
import { finishPlace, spanTitle, startPlace } from "./span-place.ts";

/** Finds phases and jobs whose status does not follow from what happened inside them. */
export function judgeStatuses(run: JudgedRun, log: ViolationLog): void {
  judgeEnvelope(run, log);
  const graph = new Map(run.graph?.jobs.map((job) => [job.id, job]));
  for (const job of run.jobs.values()) {
    judgePhases(job, graph.get(job.id), log);
    judgeJob(job, log);
  }
}

function judgeEnvelope(run: JudgedRun, log: ViolationLog): void {
  const bootstrap = run.envelope.get("run.bootstrap");
  const outer = run.envelope.get("run.pipeline_execute");
  const pipeline = run.envelope.get("pipeline.execute");
  if (bootstrap?.status === "failed") {
    for (const span of [outer, pipeline]) {
      if (span !== undefined) expectSkipped(span, log);
    }
    for (const job of run.jobs.values()) expectSkippedJob(job, log);
    return;
  }
  const failed = failuresOf(run).find(({ blocking }) => blocking === true);
  if (failed !== undefined) {
    for (const span of [pipeline, outer]) {
      if (span?.status !== "success" && span?.status !== "skipped") continue;
      const message = (): string =>
        `${spanTitle(span)} says ${span.status}, but the job "${failed.job.id}" failed`;
      log.add("status_mismatch", finishPlace(span), message);
    }
  }
  if (outer?.status === "success" && (pipeline?.status === "failed" || pipeline?.status === "cancelled")) {
    const message = (): string => `"run.pipeline_execute" says success despite a ${pipeline.status} pipeline`;
    log.add("status_mismatch", finishPlace(outer), message);
  }
}

function expectSkipped(span: PhaseSpan, log: ViolationLog): void {
  if (span.status === undefined || span.status === "skipped") return;
  const message = (): string => `${spanTitle(span)} says ${span.status}, but "run.bootstrap" failed`;
  log.add("status_mismatch", finishPlace(span), message);
}

function expectSkippedJob(job: JudgedJob, log: ViolationLog): void {
  const { terminal } = job;
  if (terminal === undefined || terminal.status === "skipped") return;
  log.add(
    "status_mismatch",
    { streamPath: terminal.stream.path, line: terminal.line, scope: "job", jobId: job.id },
    () => `The job "${job.id}" ended as ${terminal.status}, but "run.bootstrap" failed`,
  );
}

function judgePhases(job: JudgedJob, planned: GateJob | undefined, log: ViolationLog): void {
  for (const span of job.spans) {
    if (planned !== undefined) judgeStepRules(span, planned, log);
    if (isJobPhase(span)) {
      judgeAfterPreparation(job, span, log);
      judgeResumed(job, span, log);
      continue;
    }
    // A cache that cannot be restored or saved never fails its phase or job: docs/workflow.md#cache.
    if (span.status !== "failed" || span.section === "cache_restore" || span.section === "cache_save")
      continue;
    if (planned !== undefined && isLate(span, planned) && !span.isWorkerLost) continue;
    if (span.tolerated) continue;
    const parent = phaseOf(job, span.step === undefined ? span.code : "job.execution", span.attempt);
    if (parent?.status !== "success") {
      judgeWhatFollows(job, span, planned, log);
      continue;
    }
    const message = (): string => `${spanTitle(parent)} says success, but ${spanTitle(span)} in it failed`;
    log.add("status_mismatch", finishPlace(parent), message);
  }
}

/** A step that was to be left out, and a failure that the job was not to go on after. */
function judgeStepRules(span: PhaseSpan, { tolerated, withheld }: GateJob, log: ViolationLog): void {
  if (span.step === undefined) return;
  if (withheld?.has(span.step) === true) {
    const message = (): string => `${spanTitle(span)} ran, but its condition does not hold`;
    log.add("status_mismatch", finishPlace(span), message);
  }
  const allowed = tolerated?.get(span.step) ?? false;
  const isAllowed = typeof allowed === "boolean" ? allowed : allowed.includes(span.exitCode ?? -1);
  const mayFail = isAllowed && !span.isWorkerLost;
  if (!span.tolerated || (mayFail && span.status === "failed")) return;
  log.add(
    "status_mismatch",
    finishPlace(span),
    () => `${spanTitle(span)} says that the job goes on after it, but it may not fail like that`,
  );
}

/** After a step that failed, no step comes that decides, unless its record says that the job goes on. */
function judgeWhatFollows(
  job: JudgedJob,
  { step: failed, attempt }: PhaseSpan,
  planned: GateJob | undefined,
  log: ViolationLog,
): void {
  if (failed === undefined || planned === undefined) return;
  const next = job.spans.find(
    (span) => span.attempt === attempt && (span.step ?? 0) > failed && !isLate(span, planned),
  );
  if (next === undefined) return;
  const message = (): string => `${spanTitle(next)} ran, though step ${failed} before it failed the job`;
  log.add("status_mismatch", finishPlace(next), message);
}

/** Whether a span is a step that follows those that decide: it may fail in an execution that succeeds. */
function isLate({ step = 0 }: PhaseSpan, { deciding, commands }: GateJob): boolean {
  return step > deciding && step <= commands.length;
}

function judgeAfterPreparation(job: JudgedJob, span: PhaseSpan, log: ViolationLog): void {
  if (span.code !== "job.execution" || (span.status !== "success" && span.status !== "failed")) return;
  const preparation = phaseOf(job, "job.provider_prepare", span.attempt);
  if (preparation?.status !== "failed") return;
  const message = (): string => `${spanTitle(span)} says ${span.status}, but its preparation failed`;
  log.add("status_mismatch", finishPlace(span), message);
}

/** An attempt that begins at a step goes on with what the one before it has, which failed at that step. */
function judgeResumed(job: JudgedJob, span: PhaseSpan, log: ViolationLog): void {
  const { code, attempt, fromStep } = span;
  if (code !== "job.execution" || fromStep === undefined) return;
  const broken = (why: string): void =>
    log.add(
      "status_mismatch",
      startPlace(span),
      () => `${spanTitle(span)} begins at step ${fromStep}, but ${why}`,
    );
  const before = phaseOf(job, "job.execution", attempt - 1);
  const failed = job.spans.find(({ step, attempt: of }) => step === fromStep && of === attempt - 1);
  if (before?.status !== undefined && before.status !== "failed")
    broken(`the attempt before it is ${before.status}`);
  else if (failed?.status !== "failed" || failed.tolerated)
    broken("that step did not fail the attempt before it");
  else if (failed.isWorkerLost) broken("what carried out the attempt before it was lost");
  const others = job.spans.filter((other) => other !== span && other.attempt === attempt);
  const early = others.find(
    (other) => (isJobPhase(other) && isSetUp(other.code)) || (other.step ?? fromStep) < fromStep,
  );
  if (early !== undefined) broken(`${spanTitle(early)} came before that`);
  const late = job.spans.find(
    (other) =>
      other.attempt === attempt - 1 &&
      other.code !== "job.cleanup" &&
      (other.startSeq > (before?.finishSeq ?? NaN) || (other.step ?? 0) > fromStep),
  );
  if (late !== undefined) broken(`${spanTitle(late)} came after that step failed`);
}

function isSetUp(code: PhaseCode): boolean {
  return SET_UP_PHASES.some((each) => each === code);
}

function judgeJob(job: JudgedJob, log: ViolationLog): void {
  const { terminal } = job;
  if (terminal === undefined) return;
  const reason = contradiction(job, terminal.status);
  if (reason === undefined) return;
  log.add(
    "status_mismatch",
    { streamPath: terminal.stream.path, line: terminal.line, scope: "job", jobId: job.id },
    () => `The job "${job.id}" ended as ${terminal.status}, but ${reason}`,
  );
}

function contradiction(job: JudgedJob, status: PhaseStatus): string | undefined {
  const attempts = attemptsOf(job);
  if (status === "skipped" && attempts > 0) return "it had started";
  if (status !== "success") return undefined;
  for (const code of ["job.provider_prepare", "job.execution"] as const) {
    const span = phaseOf(job, code, attempts);
    if (span?.status !== undefined && span.status !== "success") return `its "${code}" is ${span.status}`;
  }
  return undefined;
}
