import { decidingSteps } from "@loom/core";
import type { EventError, JobPhaseCode, JobPlan, PhaseFinishEvent, ProcessEnd, RetryCause } from "@loom/core";
import type { TrueRecord } from "../evidence/truth.ts";
import type { Complain, SimulationRun } from "../simulated-run.ts";

/**
 * docs/contract.md#the-lifecycle for single jobs: phases in order, steps reported as they ended, retries as
 * allowed, cancelled when stopped.
 */
export function checkJobs(run: SimulationRun, complain: Complain): void {
  checkSteps(run, complain);
  const stopAt = run.records.find(({ record }) => record.event === "log" && record["stop"] !== undefined)
    ?.record.seq;
  for (const job of run.world.plan.jobs) {
    const own = run.records.filter(
      ({ record }) =>
        ("job_id" in record && record.job_id === job.jobId) ||
        ("cancel_job" in record && record["cancel_job"] === job.jobId) ||
        ("resume_job" in record && record["resume_job"] === job.jobId),
    );
    checkPhases(job, own, complain);
    const cancelAt = own.find(({ record }) => record.event === "log" && "cancel_job" in record)?.record.seq;
    checkLostWorkers(job, own, complain);
    checkAttempts(job, own, { stopAt, cancelAt, isOver: run.ending.kind === "finished" }, complain);
  }
  if (run.ending.kind !== "finished") return;
  for (const session of run.provider.unclosed) complain("every session is closed", session);
  for (const { kind, jobId } of run.provider.active)
    complain("nothing outlives the run", `${kind} of job ${jobId}`);
}

/** Every step's finish reports how its process ended, and why. */
function checkSteps(run: SimulationRun, complain: Complain): void {
  const finishes = run.records.flatMap(({ record, atMs }) =>
    record.event === "phase_finish" && record.phase_code === "step.script" ? [{ ...record, atMs }] : [],
  );
  const finishOf = new Map(finishes.map((finish) => [stepKey(finish), finish]));
  const stoppedAtMs = run.records.find(isStop)?.atMs;
  const deciding = new Map(run.world.plan.jobs.map((job) => [job.jobId, job.stepCount]));
  for (const witness of run.provider.steps) {
    const key = `${witness.jobId} ${witness.attempt} ${witness.step}`;
    if (witness.complaint !== undefined)
      complain("a stop escalates from SIGTERM to SIGKILL", `step ${key} ${witness.complaint}`);
    const finish = finishOf.get(key);
    // The results of the last steps may have come too late.
    if (finish === undefined) continue;
    const { end } = witness;
    const exitCode = end.kind === "exited" ? end.exitCode : undefined;
    const signal = end.kind === "signaled" ? end.signal : undefined;
    const said = `${finish.status} ${finish.exit_code ?? "-"} ${finish.signal ?? "-"}`;
    const isLate = witness.step > (deciding.get(witness.jobId) ?? 0);
    const natural = end.kind === "exited" && end.exitCode === 0 ? "success" : "failed";
    const isFailed = finish.error?.code === "timeout" || finish.error?.code === "job_cancelled";
    const stopped = isFailed ? "failed" : "cancelled";
    // A request may come in the very moment between the answer of a step and its record.
    const possible = witness.wasStopped || finish.error?.code === "job_cancelled" ? [stopped] : [natural];
    // Stopped at the same moment, between its result and its record.
    if (finish.atMs === stoppedAtMs) possible.push("cancelled");
    // What follows the steps that decide says how it ended, whatever was asked of the job.
    if (isLate && finish.error?.code !== "timeout")
      possible.splice(0, possible.length, wasPrevented(end) ? "cancelled" : natural);
    if (finish.error?.code === "worker_lost" && end.kind !== "lost")
      complain("a step's finish says how it ended", `step ${key} is lost, but it was ${JSON.stringify(end)}`);
    if (
      end.kind === "lost" &&
      finish.status === "failed" &&
      !isFailed &&
      finish.error?.code !== "worker_lost"
    )
      complain("a step's finish says how it ended", `step ${key} was lost, and does not say so`);
    if (!possible.some((status) => said === `${status} ${exitCode ?? "-"} ${signal ?? "-"}`))
      complain(
        "a step's finish says how it ended",
        `step ${key}: ${said}, but it was ${JSON.stringify(end)}, ${possible.join(" or ")}`,
      );
  }
  checkStepRules(run, finishes, complain);
  if (run.ending.kind !== "finished") return;
  const witnessed = new Set(
    run.provider.steps.map(({ jobId, attempt, step }) => `${jobId} ${attempt} ${step}`),
  );
  for (const key of finishOf.keys()) {
    if (!witnessed.has(key)) complain("a step's finish says how it ended", `step ${key} never ran`);
  }
}

/** Which steps ran, and that a job went on after a failure exactly where the step may fail like that. */
function checkStepRules(run: SimulationRun, finishes: readonly PhaseFinishEvent[], complain: Complain): void {
  for (const node of run.world.graph.nodes) {
    const rules = new Map(node.step_options?.map((options) => [options.step, options]));
    const deciding = decidingSteps(node);
    const last = Math.max(
      0,
      ...finishes.filter((each) => each.job_id === node.id).map((each) => each.attempt ?? 1),
    );
    for (let attempt = 1; attempt <= last; attempt += 1) {
      const steps = finishes
        .filter((each) => each.job_id === node.id && (each.attempt ?? 1) === attempt)
        .filter(({ step = 0 }) => step <= deciding);
      for (const [index, finish] of steps.entries()) {
        const { step = 0, status, exit_code: code, error, tolerated } = finish;
        const place = `step ${step} of job ${node.id}, attempt ${attempt},`;
        const { withheld, allow_failure: allowed = false, timeout_ms: limitMs } = rules.get(step) ?? {};
        if (withheld === true) complain("a step without its condition is left out", `${place} ran`);
        const mayFail = typeof allowed === "boolean" ? allowed : allowed.exit_codes.includes(code ?? -1);
        const ownLimit = limitMs !== undefined && error?.message.startsWith("Step ") === true;
        const wasAsked =
          error?.code === "job_cancelled" ||
          error?.code === "worker_lost" ||
          (error?.code === "timeout" && !ownLimit) ||
          status === "cancelled";
        if (tolerated === true && (status !== "failed" || !mayFail || wasAsked))
          complain("a job goes on after what may fail", `${place} is tolerated, and may not be`);
        const goesOn = status === "success" || tolerated === true;
        if (!goesOn && index < steps.length - 1)
          complain("a failure ends the steps", `${place} was gone on after`);
      }
    }
  }
}

function wasPrevented(end: ProcessEnd): boolean {
  return end.kind === "not_started" && end.error.code === "cancelled";
}

function isStop({ record }: TrueRecord): boolean {
  return record.event === "log" && record["stop"] !== undefined;
}

function stepKey(record: PhaseFinishEvent): string {
  return `${record.job_id ?? ""} ${record.attempt ?? 1} ${record.step ?? 0}`;
}

/** The phases of an attempt in order, repeated here to detect a wrong order elsewhere. */
const PLACES: { readonly [P in Exclude<JobPhaseCode, "job.cleanup">]: number } = {
  "job.provider_prepare": 0,
  "job.cache_restore": 1,
  "job.artifact_restore": 2,
  "job.execution": 3,
  "job.artifact_save": 4,
  "job.cache_save": 5,
};
const ORDER: readonly string[] = Object.keys(PLACES);

/** The phases of a job in the order of docs/contract.md#the-lifecycle, its cleanup once and last. */
function checkPhases(job: JobPlan, own: readonly TrueRecord[], complain: Complain): void {
  let attempt = 0;
  let last = ORDER.length;
  let cleanups = 0;
  for (const { stream, record } of own) {
    if (record.event !== "phase_start" || stream.kind !== "job") continue;
    const code = record.phase_code;
    const place = `job ${job.jobId}: ${code} in record ${record.seq}`;
    if (cleanups > 0) complain("cleanup comes once, last", place);
    if (code === "job.cleanup") {
      cleanups += 1;
      continue;
    }
    const at = ORDER.indexOf(code);
    if (at === 0 || record.from_step !== undefined) {
      attempt += 1;
      checkResumed(job, { own, attempt, fromStep: record.from_step }, complain);
    } else if (at <= last) {
      complain("phases come in their order", place);
    }
    last = at;
    if ((record.attempt ?? 1) !== attempt)
      complain("attempts are counted", `${place} is not of attempt ${attempt}`);
  }
  const hasEnded = own.some(({ record }) => record.event === "job_state" && isEnd(record.to));
  if (hasEnded && cleanups !== 1) complain("cleanup comes once, last", `job ${job.jobId} has ${cleanups}`);
}

/** An attempt that begins at a step goes on with what the one before it has: that step failed it, and somebody asked. */
function checkResumed(
  { jobId, stepCount }: JobPlan,
  {
    own,
    attempt,
    fromStep,
  }: { readonly own: readonly TrueRecord[]; readonly attempt: number; readonly fromStep: number | undefined },
  complain: Complain,
): void {
  if (fromStep === undefined) return;
  const finishes = own.flatMap(({ record }) => (record.event === "phase_finish" ? [record] : []));
  const before = finishes.filter(
    (finish) => (finish.attempt ?? 1) === attempt - 1 && finish.phase_code !== "job.cleanup",
  );
  const [last] = before.filter(({ step }) => step !== undefined).toReversed();
  const execution = before.at(-1);
  const place = `job ${jobId}, attempt ${attempt},`;
  if (last?.step !== fromStep || last.status !== "failed" || last.tolerated === true || fromStep > stepCount)
    complain("an attempt goes on where the one before it failed", place);
  if (execution?.phase_code !== "job.execution" || execution.status !== "failed")
    complain("an attempt goes on where the one before it failed", `${place}: something followed that step`);
  const isAsked = own.some(
    ({ record }) =>
      record.event === "log" && record["resume_job"] === jobId && record["how"] === "retry_step",
  );
  if (!isAsked) complain("a step is tried again when somebody asks", place);
}

/** Nothing of an attempt comes after what lost its worker, but for the boundaries of an execution that did not take place. */
function checkLostWorkers({ jobId }: JobPlan, own: readonly TrueRecord[], complain: Complain): void {
  const units = own.flatMap(({ record }) =>
    (record.event === "phase_start" || record.event === "phase_finish") &&
    record.section === undefined &&
    record.phase_code !== "job.cleanup"
      ? [record]
      : [],
  );
  for (const lost of units) {
    if (lost.event !== "phase_finish" || lost.error?.code !== "worker_lost") continue;
    const later = units.filter(({ seq, attempt }) => seq > lost.seq && attempt === lost.attempt);
    for (const { event, phase_code: code, step } of later) {
      if (code === "job.execution" && !later.some((each) => each.step !== undefined)) continue;
      complain("nothing follows a lost worker", `job ${jobId}: ${event} of ${code} ${step ?? ""}`);
    }
  }
}

/** Checks that a job's final state follows from its attempts. */
function checkAttempts(
  job: JobPlan,
  own: readonly TrueRecord[],
  when: {
    readonly stopAt: number | undefined;
    readonly cancelAt: number | undefined;
    readonly isOver: boolean;
  },
  complain: Complain,
): void {
  const finishes = own.flatMap(({ stream, record }) =>
    record.event === "phase_finish" && stream.kind === "job" ? [record] : [],
  );
  const state = own
    .flatMap(({ record }) => (record.event === "job_state" && isEnd(record.to) ? [record] : []))
    .at(-1);
  const attempts = Math.max(
    0,
    ...finishes.map((finish) => (finish.phase_code === "job.cleanup" ? 0 : (finish.attempt ?? 1))),
  );
  const resumed = new Set(
    own.flatMap(({ record }) =>
      record.event === "phase_start" && record.from_step !== undefined ? [record.attempt ?? 1] : [],
    ),
  );
  let lostBefore = 0;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const of = finishes.filter(
      (finish) => (finish.attempt ?? 1) === attempt && finish.phase_code !== "job.cleanup",
    );
    const failure = of.find((finish) => finish.status === "failed");
    const last = of.at(-1)?.seq ?? 0;
    const wasStopped = when.stopAt !== undefined && when.stopAt < last;
    const wasCancelled = when.cancelAt !== undefined && when.cancelAt < last;
    const mayRetry =
      failure !== undefined &&
      !wasStopped &&
      !wasCancelled &&
      (isLost(failure)
        ? lostBefore < (job.retry.on.includes("worker") ? job.retry.max : 2)
        : attempt - lostBefore <= job.retry.max && isRetried(job, failure));
    if (isLost(failure)) lostBefore += 1;
    if (resumed.has(attempt + 1)) {
      if (isLost(failure)) complain("a lost worker holds no job", `job ${job.jobId}, attempt ${attempt}`);
      if (mayRetry) complain("a failure is retried", `job ${job.jobId}, attempt ${attempt}, was held`);
      continue;
    }
    if (attempt < attempts && !mayRetry)
      complain("retries are for their causes", `job ${job.jobId}, attempt ${attempt + 1}`);
    if (attempt < attempts || state === undefined) continue;
    if (mayRetry) complain("a failure is retried", `job ${job.jobId} ends with attempt ${attempt}`);
    const expected = expectedEnd(of, failure, wasStopped);
    if (!expected.includes(state.to))
      complain(
        "a job's state follows from its phases",
        `job ${job.jobId} is ${state.to} instead of ${expected.join(" or ")}`,
      );
  }
  checkStopped(job, own, when.stopAt, complain);
}

function expectedEnd(
  finishes: readonly PhaseFinishEvent[],
  failure: PhaseFinishEvent | undefined,
  wasStopped: boolean,
): readonly string[] {
  const execution = finishes.find((finish) => finish.phase_code === "job.execution");
  if (execution === undefined) return [];
  if (execution.status === "cancelled") return ["cancelled"];
  if (wasStopped && execution.status === "skipped") return ["failed", "cancelled"];
  if (failure === undefined) return ["success"];
  return ["failed"];
}

/** After a stop, a job starts no step that decides, no attempt and no set-up. */
function checkStopped(
  { jobId, stepCount }: JobPlan,
  own: readonly TrueRecord[],
  stopAt: number | undefined,
  complain: Complain,
): void {
  if (stopAt === undefined) return;
  for (const { record } of own) {
    if (record.event !== "phase_start" || record.seq < stopAt) continue;
    const { step = 0 } = record;
    if (
      (record.phase_code === "step.script" && step <= stepCount) ||
      (record.phase_code === "job.provider_prepare" && record.section === undefined)
    )
      complain("nothing starts after a stop", `job ${jobId}: ${record.phase_code} in record ${record.seq}`);
  }
}

function isRetried({ retry }: JobPlan, failure: PhaseFinishEvent): boolean {
  const cause = causeOf(failure);
  const isCode = retry.exit_codes?.some((code) => code === failure.exit_code) ?? false;
  return retry.on.includes(cause) || (cause === "failure" && isCode);
}

function causeOf(failure: PhaseFinishEvent): RetryCause {
  const error: EventError | undefined = failure.error;
  if (isLost(failure)) return "worker";
  if (error?.code === "timeout") return "timeout";
  return failure.phase_code === "job.execution" ? "failure" : "provider";
}

function isLost(failure: PhaseFinishEvent | undefined): boolean {
  return failure?.error?.code === "worker_lost";
}

function isEnd(status: string): boolean {
  return status === "success" || status === "failed" || status === "skipped" || status === "cancelled";
}
