import { formatClock, formatDuration, unreachable } from "@loom/core";
import {
  type CacheCounts,
  type CountKey,
  type JobView,
  type TextStyle,
  type Tone,
  type UnitView,
  countKey,
  failureWord,
  unitTitle,
} from "@loom/reporters/view";
import { rowText } from "../log/log-rows.ts";
import { SPINNER_CELL } from "../terminal/presenter.ts";

/** The colour of a job's state. */
export function jobTone(job: JobView): Tone {
  return keyTone(countKey(job));
}

/** The sign of a job's state. */
export function jobSign(style: TextStyle, job: JobView): string {
  return keySign(style, countKey(job));
}

/** The colour of a state. */
export function keyTone(key: CountKey): Tone {
  if (key === "failedAllowed") return "allowed";
  // As in `loom ctl state`: it waits for somebody.
  if (key === "held") return "cancelled";
  return key === "notSelected" || key === "kept" ? "skipped" : key;
}

/** The sign of a state. */
export function keySign(style: TextStyle, key: CountKey): string {
  const { glyphs } = style;
  switch (key) {
    case "running":
      return SPINNER_CELL;
    case "failedAllowed":
      return glyphs.allowed;
    case "notSelected":
      return glyphs.skipped;
    case "kept":
      return glyphs.success;
    case "waiting":
    case "queued":
    case "held":
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

/** A job's state in words: `failed exit 1`, `blocked by lint`. */
export function jobWords(job: JobView): string {
  switch (job.status) {
    case "pending":
      return job.waits === true ? "manual" : "waiting";
    case "ready":
      return "queued";
    case "running": {
      const word = job.paused === undefined ? "running" : "held";
      return job.attempt > 1 ? `${word}, attempt ${job.attempt}` : word;
    }
    case "success":
    case "cancelled":
      return job.attempt > 1 ? `${job.status}, attempt ${job.attempt}` : job.status;
    case "failed":
      return `failed ${failureWord(job.failure)}${job.blocking ? "" : " (allowed)"}`;
    case "skipped":
      return skipWords(job);
    default:
      return unreachable(job);
  }
}

/** How long a job has run; empty if it never started. */
export function jobClock(job: JobView, nowMs: number): string {
  if (job.status === "running") return formatClock(nowMs - job.startedAtMs);
  if (!("startedAtMs" in job) || job.startedAtMs === undefined) return "";
  return formatDuration(job.finishedAtMs - job.startedAtMs);
}

/** The sign and the colour of a part of a job. @param begun - Absent if it has not started. */
export function unitSign(
  style: TextStyle,
  begun: UnitView | undefined,
): { readonly sign: string; readonly tone: Tone } {
  const { glyphs } = style;
  if (begun === undefined) return { sign: glyphs.waiting, tone: "waiting" };
  if (begun.status === "running") return { sign: SPINNER_CELL, tone: "running" };
  return { sign: glyphs[begun.status], tone: begun.status };
}

/** The results of a section's caches: `1 hit, 2 misses`, `1 saved`; empty if it has none. */
export function cacheWords({ hits, misses, saved }: CacheCounts): string {
  const parts = [
    hits > 0 ? `${hits} ${hits === 1 ? "hit" : "hits"}` : "",
    misses > 0 ? `${misses} ${misses === 1 ? "miss" : "misses"}` : "",
    saved > 0 ? `${saved} saved` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** The name of a part of a job: `02 pnpm lint`, `provider`. */
export function unitName(unit: UnitView["unit"]): string {
  return rowText(unitTitle(unit), false);
}

function skipWords(job: Extract<JobView, { status: "skipped" }>): string {
  if (job.keptFrom !== undefined) return "kept from an earlier run";
  switch (job.reason) {
    case "upstream_failed":
    case "stage_blocked":
      return job.blockedBy.length === 0 ? "blocked" : `blocked by ${job.blockedBy.join(", ")}`;
    case "condition_not_met":
      return "condition not met";
    case "bootstrap_failed":
      return "never started";
    case "not_selected":
      return "not selected";
    case "manual":
      return "manual";
    default:
      return unreachable(job.reason);
  }
}
