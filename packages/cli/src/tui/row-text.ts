import { unreachable } from "@loom/core";
import { skipDetail } from "../report/job-lines.ts";
import type { TextStyle } from "../report/text-style.ts";
import { failureWord, unitLabel, unitTitle } from "../report/unit-label.ts";
import { formatClock } from "../text/format-duration.ts";
import type { Tone } from "../text/palette.ts";
import { countKey, endedCount, selectedCount } from "../view/job-counts.ts";
import type { JobCounts, JobView, RunView, StageView } from "../view/run-view.ts";
import { SPINNER_CELL } from "./screen.ts";

/** Characters of a time, right-aligned: `1:02:03`. */
const TIME_WIDTH = 7;

/** One row about a job: sign, name, time, and what there is to say. */
export function jobRow(style: TextStyle, job: JobView, nameWidth: number, nowMs: number): string {
  const tone = toneOf(job);
  const name = job.jobId.padEnd(nameWidth);
  const time = timeOf(job, nowMs).padStart(TIME_WIDTH);
  const detail = withoutSpinner(detailOf(job));
  return `   ${style.palette.paint(tone, signOf(style, job))} ${name} ${time}  ${style.palette.paint(tone, detail)}`;
}

/** One row about a stage: its name, and how far it is. */
export function stageRow(style: TextStyle, stage: StageView): string {
  const name = stage.name === "" ? "jobs" : stage.name;
  const { counts } = stage;
  const progress = counts.total === 0 ? "no jobs" : `${endedCount(counts)}/${selectedCount(counts)}`;
  return ` ${style.palette.paint("bold", name)} ${style.palette.paint("dim", progress)}`;
}

/** How far the run is: `2/9 done  1 failed  1 running`. */
export function progressText(style: TextStyle, counts: JobCounts): string {
  const parts = [`${endedCount(counts)}/${selectedCount(counts)} done`];
  if (counts.failed > 0) parts.push(style.palette.paint("failed", `${counts.failed} failed`));
  if (counts.running > 0) parts.push(style.palette.paint("running", `${counts.running} running`));
  return parts.join("  ");
}

/** How long the run takes so far. */
export function elapsedText(view: RunView, nowMs: number): string {
  return formatClock((view.finishedAtMs ?? nowMs) - (view.startedAtMs ?? nowMs));
}

/** Text from outside must not turn. */
export function withoutSpinner(text: string): string {
  return text.replaceAll(SPINNER_CELL, "\uFFFD");
}

function toneOf(job: JobView): Tone {
  const key = countKey(job);
  if (key === "failedAllowed") return "allowed";
  return key === "notSelected" ? "skipped" : key;
}

function signOf(style: TextStyle, job: JobView): string {
  const key = countKey(job);
  const { glyphs } = style;
  switch (key) {
    case "running":
      return SPINNER_CELL;
    case "failedAllowed":
      return glyphs.allowed;
    case "notSelected":
      return glyphs.skipped;
    case "waiting":
    case "queued":
    case "success":
    case "failed":
    case "blocked":
    case "skipped":
    case "cancelled":
      return glyphs[key];
    default:
      return unreachable(key);
  }
}

function timeOf(job: JobView, nowMs: number): string {
  if (job.status === "running") return formatClock(nowMs - job.startedAtMs);
  if (!("startedAtMs" in job) || job.startedAtMs === undefined) return "";
  return formatClock(job.finishedAtMs - job.startedAtMs);
}

function detailOf(job: JobView): string {
  switch (job.status) {
    case "pending":
      return "waiting";
    case "ready":
      return "queued";
    case "running": {
      const unit = job.unit === undefined ? "" : unitTitle(job.unit);
      return job.attempt > 1 ? `attempt ${job.attempt}  ${unit}` : unit;
    }
    case "success":
    case "cancelled":
      return job.status;
    case "failed": {
      const failed = `failed  ${unitLabel(job.failure.unit)} ${failureWord(job.failure)}`;
      return job.blocking ? failed : `${failed} (allowed)`;
    }
    case "skipped": {
      const detail = skipDetail(job);
      return countKey(job) === "blocked" ? `blocked ${detail}` : detail;
    }
    default:
      return unreachable(job);
  }
}
