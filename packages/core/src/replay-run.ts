import type { Emission, EventDraft, EventError, LoomEvent, OutputEvent, StreamRef } from "./event.ts";
import { jobId as asJobId, type EpochMs, type RunIdentity } from "./ids.ts";
import { RESUME_HOWS } from "./job-input.ts";
import type { PhaseOutcome, ProcessEnd } from "./job-result.ts";
import type { JobSchedule } from "./job-schedule.ts";
import { limitError, stepLimitError } from "./stop-error.ts";
import { err, ok, type Result } from "./result.ts";
import type { RunInput, StopCause } from "./run-input.ts";
import { RunMachine } from "./run-machine.ts";
import type { RunPlan } from "./run-plan.ts";
import { isWorkerLost } from "./step-end.ts";
import { unreachable } from "./unreachable.ts";
import type { PhaseStatus } from "./vocabulary.ts";

/** One record of a past run other than a line of output, with its place and time. */
export interface RecordedEvent {
  readonly stream: StreamRef;
  readonly record: Exclude<LoomEvent, OutputEvent>;
  /** The record's `ts`. */
  readonly atMs: EpochMs;
}

/** What a replay needs beside the records. */
export interface ReplayOptions {
  readonly identity: RunIdentity;
  /** The plan of the run: its graph, concurrency, selection and weights as they were. */
  readonly plan: RunPlan;
  /** `recordedSchedule` of the same records, or the schedule that the run had. */
  readonly schedule: (plan: RunPlan) => JobSchedule;
}

/** A run as its records tell it. */
export interface ReplayedRun {
  /** The machine as the run left it. */
  readonly machine: RunMachine;
  /** What follows from the records but was no longer recorded, in order; empty unless they break off. */
  readonly unrecorded: readonly Emission[];
}

/** A record that the lifecycle does not explain. */
export interface ReplayMismatch {
  readonly code: "CORE_REPLAY_MISMATCH";
  readonly message: string;
  /** `seq` of the record. */
  readonly seq: number;
  /** What the machine expected there; absent when it expected the run to be over or refused the input. */
  readonly expected?: EventDraft;
}

/** What a failure is put down to whose record does not say. */
const NO_CAUSE: EventError = { code: "unknown", message: "The record names no cause" };

/** Why a step was not started that is recorded as cancelled. */
const PREVENTED: EventError = { code: "cancelled", message: "The step was not started" };

/**
 * Rebuilds the state of a run from its records.
 *
 * Each record is either what happened (then it becomes an input) or what the
 * machine made of it (then it must be the very record that the machine emits).
 *
 * @param records - Every lifecycle and log record of the run, mirrors left out,
 *   in the order of `seq`. They may end before the run did.
 * @returns The run as it was left, or the first record that the machine does not explain.
 */
export function replayRun(
  records: Iterable<RecordedEvent>,
  options: ReplayOptions,
): Result<ReplayedRun, ReplayMismatch> {
  const machine = new RunMachine({ identity: options.identity, schedule: options.schedule });
  const expected: Emission[] = [];
  let next = 0;
  for (const recorded of records) {
    const { record } = recorded;
    if (next === expected.length) {
      const limit = limitBehind(recorded, options.plan);
      // A limit that the machine refuses explains nothing: it had come before, or comes too late.
      if (limit !== undefined) machine.step(limit);
      const input = inputBehind(recorded, options.plan);
      if (input !== undefined) {
        const step = machine.step(input);
        if (!step.ok)
          return err({ code: "CORE_REPLAY_MISMATCH", message: step.error.message, seq: record.seq });
        expected.push(...step.value.emissions);
      }
    }
    if (record.event === "log") continue;
    const emission = expected[next];
    if (emission === undefined || !sameRecord(emission.event, record)) {
      const message = `Record ${record.seq} (${record.event}) does not follow from the records before it`;
      return err({
        code: "CORE_REPLAY_MISMATCH",
        message,
        seq: record.seq,
        ...(emission !== undefined && { expected: emission.event }),
      });
    }
    next += 1;
  }
  return ok({ machine, unrecorded: expected.slice(next) });
}

/** A limit leaves no record of its own: the first sign of it is the end of what it cut short. */
function limitBehind({ record, atMs }: RecordedEvent, plan: RunPlan): RunInput | undefined {
  if (record.event !== "phase_finish" || record.section !== undefined) return undefined;
  // Stryker disable next-line ConditionalExpression: it saves time only; the whole error is compared below.
  if (record.error?.code !== "timeout") return undefined;
  const job = plan.jobs.find(({ jobId }) => jobId === record.job_id);
  if (job === undefined) return undefined;
  const { jobId } = job;
  const { attempt = 1, step } = record;
  const stepLimitMs = step === undefined ? undefined : job.stepTimeoutsMs?.get(step);
  if (step !== undefined && stepLimitMs !== undefined) {
    if (sameJson(stepLimitError(step, stepLimitMs), record.error))
      return { type: "step_timed_out", jobId, attempt, step, atMs };
  }
  if (job.timeoutMs === undefined || !sameJson(limitError(job), record.error)) return undefined;
  return { type: "job_timed_out", jobId, attempt, atMs };
}

/** What this record is the first sign of; absent for most records. */
function inputBehind({ record, atMs }: RecordedEvent, plan: RunPlan): RunInput | undefined {
  if (record.event === "job_state") return undefined;
  if (record.event === "log") {
    const cause = stopCauseOf(record["stop"]);
    if (cause !== undefined) return { type: "stop_requested", cause, atMs };
    if (record["resumed"] === true) return { type: "run_resumed", atMs };
    const played = record["play"];
    if (typeof played === "string") return { type: "job_played", jobId: asJobId(played), atMs };
    const pauses = record["pause_on_failure"];
    if (typeof pauses === "number" && pauses > 0) return { type: "pauses_enabled", timeoutMs: pauses, atMs };
    const resumed = record["resume_job"];
    const how = RESUME_HOWS.find((each) => each === record["how"]);
    if (typeof resumed === "string" && how !== undefined)
      return { type: "job_resumed", jobId: asJobId(resumed), how, atMs };
    const cancelled = record["cancel_job"];
    return typeof cancelled === "string"
      ? { type: "job_stop_requested", jobId: asJobId(cancelled), atMs }
      : undefined;
  }
  const { job_id: jobId, section, step } = record;
  if (record.event === "phase_start") {
    if (record.phase_code === "run.bootstrap") return { type: "run_started", atMs };
    if (jobId === undefined || section === undefined) return undefined;
    return { type: "section_started", jobId, section, atMs };
  }
  const outcome = outcomeOf(record.status, record.error);
  switch (record.phase_code) {
    case "run.bootstrap": {
      if (outcome.status !== "failed")
        return { type: "bootstrap_finished", outcome: { status: "success", plan }, atMs };
      return { type: "bootstrap_finished", outcome: { status: "failed", error: outcome.error, plan }, atMs };
    }
    case "run.finalize":
      return { type: "finalized", outcome, atMs };
    case "run.pipeline_execute":
    case "pipeline.execute":
    case "job.execution":
      return undefined;
    case "step.script":
      if (jobId === undefined || step === undefined) return undefined;
      return { type: "step_finished", jobId, step, end: processEndOf(record), atMs };
    case "job.provider_prepare":
    case "job.cache_restore":
    case "job.artifact_restore":
    case "job.artifact_save":
    case "job.cache_save":
    case "job.cleanup":
      if (jobId === undefined) return undefined;
      if (section !== undefined) return { type: "section_finished", jobId, section, outcome, atMs };
      return { type: "phase_finished", jobId, phase: record.phase_code, outcome, atMs };
    default:
      return unreachable(record.phase_code);
  }
}

function stopCauseOf(fact: unknown): StopCause | undefined {
  return isObject(fact) && "kind" in fact ? (fact as unknown as StopCause) : undefined;
}

function outcomeOf(status: PhaseStatus, error: EventError = NO_CAUSE): PhaseOutcome {
  // Stryker disable next-line ConditionalExpression: the error of what did not fail is not looked at.
  return status === "failed" ? { status, error } : { status };
}

/** How the process that this record describes ended. Of one that was asked to stop, it may say nothing. */
function processEndOf({
  exit_code: exitCode,
  signal,
  status,
  error = status === "cancelled" ? PREVENTED : NO_CAUSE,
}: Extract<LoomEvent, { readonly event: "phase_finish" }>): ProcessEnd {
  if (exitCode !== undefined) return { kind: "exited", exitCode };
  if (signal !== undefined)
    return error.code === "signal" ? { kind: "signaled", signal } : { kind: "signaled", signal, error };
  return { kind: isWorkerLost(error) ? "lost" : "not_started", error };
}

function sameRecord(draft: EventDraft, record: LoomEvent): boolean {
  const { seq: _seq, ts: _ts, ...fields } = record;
  return sameJson(draft, fields);
}

function sameJson(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => sameJson(a[key], b[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
