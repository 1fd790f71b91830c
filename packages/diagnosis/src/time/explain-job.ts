import { formatSpan, type JobId, type RunId, unreachable } from "@loom/core";
import { hasRun, jobWaits, type JobWait } from "./job-waits.ts";
import type { JobTimes, Timeline } from "./timeline.ts";

/** Names in a sentence; the rest is counted. */
const MAX_NAMED = 3;

/** Why a job ran when it did, or did not run. */
export interface JobExplanation {
  readonly jobId: JobId;
  /** `kept`: it did not run, because it succeeded in an earlier run. */
  readonly fate: "ran" | "running" | "waiting" | "skipped" | "cancelled" | "kept";
  /** From the start of the pipeline; absent for a job that never was ready. */
  readonly readyMs?: number;
  readonly startedMs?: number;
  readonly durationMs?: number;
  /** What it waited for, in order. */
  readonly waits: readonly JobWait[];
  /** Why it was skipped. */
  readonly reason?: string;
  /** The failures that are the reason. */
  readonly blockedBy: readonly JobId[];
  /** The earlier run whose result was kept. */
  readonly keptFrom?: RunId;
  /** All of it in one sentence without a full stop. */
  readonly sentence: string;
}

/**
 * Explains one job of a run.
 *
 * @returns `undefined` when the run has no such job.
 */
export function explainJob(timeline: Timeline, jobId: string): JobExplanation | undefined {
  const job = timeline.jobs.find((each) => each.jobId === jobId);
  if (job === undefined) return undefined;
  const { gate, slot } = jobWaits(timeline).get(job.jobId) ?? {};
  const waits = [gate, slot].filter((wait) => wait !== undefined);
  const fate = fateOf(job);
  return {
    jobId: job.jobId,
    fate,
    ...(job.readyMs !== undefined && { readyMs: job.readyMs }),
    ...(job.startedMs !== undefined && { startedMs: job.startedMs }),
    ...(hasRun(job) && job.endedMs !== undefined && { durationMs: job.endedMs - job.startedMs }),
    waits,
    ...(job.reason !== undefined && { reason: job.reason }),
    blockedBy: job.blockedBy,
    ...(job.keptFrom !== undefined && { keptFrom: job.keptFrom }),
    sentence: sentenceOf(job, { fate, waits, timeline }),
  };
}

function fateOf(job: JobTimes): JobExplanation["fate"] {
  switch (job.status) {
    case "skipped":
      return job.keptFrom === undefined ? "skipped" : "kept";
    case "cancelled":
      return "cancelled";
    case "success":
    case "failed":
      return "ran";
    case "running":
      return "running";
    case "pending":
    case "ready":
      return "waiting";
    default:
      return unreachable(job.status);
  }
}

function sentenceOf(
  job: JobTimes,
  about: {
    readonly fate: JobExplanation["fate"];
    readonly waits: readonly JobWait[];
    readonly timeline: Timeline;
  },
): string {
  const name = `"${job.jobId}"`;
  const began = hasRun(job)
    ? `${name} started after ${formatSpan(job.startedMs)}${waited(about.waits)}`
    : name;
  switch (about.fate) {
    case "ran":
      return `${began}, and ${job.status === "failed" ? "failed" : "succeeded"} after ${formatSpan((job.endedMs ?? 0) - (job.startedMs ?? 0))}`;
    case "running":
      return `${began}, and is running`;
    case "cancelled":
      return hasRun(job)
        ? `${began}, and was stopped with the run`
        : `${name} never started: the run was stopped before`;
    case "kept":
      return `${name} did not run: it succeeded in ${job.keptFrom ?? "an earlier run"}, and its result was kept`;
    case "waiting":
      return job.status === "ready"
        ? `${name} is ready and waits for a free slot`
        : `${name} waits for ${openGates(job, about.timeline)}`;
    case "skipped":
      return `${name} was skipped: ${skipSentence(job)}`;
    default:
      return unreachable(about.fate);
  }
}

function waited(waits: readonly JobWait[]): string {
  const parts = waits.map(({ kind, jobId, waitedMs }) => {
    const job = jobId === undefined ? "" : `"${jobId}"`;
    switch (kind) {
      case "need":
        return `${formatSpan(waitedMs)} for ${job}, which it needs`;
      case "stage":
        return `${formatSpan(waitedMs)} for ${job} of an earlier stage`;
      case "slot":
        return `${formatSpan(waitedMs)} for a free slot${jobId === undefined ? "" : `, which ${job} gave`}`;
      default:
        return unreachable(kind);
    }
  });
  return parts.length === 0 ? "" : `, having waited ${parts.join(", then ")}`;
}

function openGates(job: JobTimes, { jobs, stages }: Timeline): string {
  const open = new Set(jobs.filter((each) => each.endedMs === undefined).map((each) => each.jobId));
  const needs = job.needs.filter((need) => open.has(need));
  if (needs.length > 0) return quoted(needs);
  const stage = stages.indexOf(job.stage);
  const earlier = jobs.filter(
    (each) => job.gate !== "needs" && open.has(each.jobId) && stages.indexOf(each.stage) < stage,
  );
  return earlier.length === 0
    ? "its gates"
    : `${quoted(earlier.map((each) => each.jobId))} of an earlier stage`;
}

function skipSentence({ jobId, reason, blockedBy, when }: JobTimes): string {
  const roots = blockedBy.length === 0 ? "a job" : quoted(blockedBy);
  switch (reason) {
    case "upstream_failed":
      return `${roots} failed, and "${jobId}" depends on ${blockedBy.length > 1 ? "them" : "it"}`;
    case "stage_blocked":
      return `${roots} failed before its stage`;
    case "condition_not_met":
      return when === "on_failure"
        ? "it runs on failure, and nothing before it failed"
        : "its condition did not hold";
    case "manual":
      return "it runs only when somebody asks for it";
    case "bootstrap_failed":
      return "the run could not start";
    case "not_selected":
      return "it was not selected";
    case undefined:
    default:
      return reason ?? "its records do not say why";
  }
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => `"${name}"`);
  return names.length > MAX_NAMED
    ? `${shown.join(", ")} and ${names.length - MAX_NAMED} more`
    : shown.join(", ");
}
