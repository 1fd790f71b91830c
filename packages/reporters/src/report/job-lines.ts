import { formatDuration, type JobId, unreachable } from "@loom/core";
import type { Tone } from "../text/palette.ts";
import { countKey } from "../view/job-counts.ts";
import type { JobView } from "../view/run-view.ts";
import type { TextStyle } from "./text-style.ts";
import { failureWord, unitLabel } from "./unit-label.ts";

/** Characters of the first column. The longest word of it is `cancelled`. */
const WORD_WIDTH = 9;

/** Names beyond it stand out to the right; few are longer. Unit: characters. */
const WIDEST_NAME_COLUMN = 32;

/** How many root causes are named. */
const NAMED_CAUSES = 3;

/** Characters of the name column, so that names like these stand in line. */
export function nameColumn(jobs: Iterable<{ readonly jobId: JobId }>): number {
  let width = 0;
  for (const { jobId } of jobs) width = Math.max(width, Math.min(jobId.length, WIDEST_NAME_COLUMN));
  return width;
}

/** A line about a job: a word for what happened, its name, and more about it. */
export function jobLine(style: TextStyle, about: JobLineParts): string {
  const { word, tone, jobId, nameWidth, detail } = about;
  const start = `${style.palette.paint(tone, word.padEnd(WORD_WIDTH))} `;
  return detail === "" ? start + jobId : `${start}${jobId.padEnd(nameWidth)}  ${detail}`;
}

/** The parts of a line about a job. */
export interface JobLineParts {
  readonly word: string;
  readonly tone: Tone;
  readonly jobId: JobId;
  readonly nameWidth: number;
  /** May be empty. */
  readonly detail: string;
}

/** Blocked jobs that have a line; a failure early on blocks hundreds, and pushes itself out of sight. */
const BLOCKED_LINES = 5;

/** Counts the blocked jobs of a run, of which only the first have lines. */
export class BlockedJobs {
  #count = 0;

  /** Takes a job that ended. @returns Whether it has a line of its own. */
  hasLine(job: JobView): boolean {
    if (countKey(job) !== "blocked") return true;
    this.#count += 1;
    return this.#count <= BLOCKED_LINES;
  }

  /** The line that counts the others; none when each had its own. */
  more(style: TextStyle): readonly string[] {
    const left = this.#count - BLOCKED_LINES;
    if (left <= 0) return [];
    const jobs = `and ${left} more ${left === 1 ? "job" : "jobs"}`;
    return [
      `${style.palette.paint("blocked", "blocked".padEnd(WORD_WIDTH))} ${style.glyphs.ellipsis} ${jobs}`,
    ];
  }
}

/** What a job that ended looks like in one line; `undefined` while it goes on. */
export function endedJobLine(style: TextStyle, job: JobView, nameWidth: number): string | undefined {
  const common = { jobId: job.jobId, nameWidth };
  switch (job.status) {
    case "pending":
    case "ready":
    case "running":
      return undefined;
    case "success":
      return jobLine(style, { ...common, word: "success", tone: "success", detail: successDetail(job) });
    case "cancelled":
      return jobLine(style, { ...common, word: "cancelled", tone: "cancelled", detail: jobTime(job) });
    case "failed": {
      const { failure } = job;
      const where = `${unitLabel(failure.unit)} ${failureWord(failure)}`;
      const detail = [jobTime(job), job.blocking ? where : `${where} (allowed)`].filter(
        (part) => part !== "",
      );
      const tone = job.blocking ? "failed" : "allowed";
      return jobLine(style, { ...common, word: "failed", tone, detail: detail.join("  ") });
    }
    case "skipped": {
      if (job.keptFrom !== undefined)
        return jobLine(style, {
          ...common,
          word: "kept",
          tone: "skipped",
          detail: `success in ${job.keptFrom}`,
        });
      const blocked = countKey(job) === "blocked";
      const tone = blocked ? "blocked" : "skipped";
      return jobLine(style, { ...common, word: tone, tone, detail: skipDetail(job) });
    }
    default:
      return unreachable(job);
  }
}

/** A retry that helped leaves its trace. */
function successDetail(job: Extract<JobView, { status: "success" | "cancelled" }>): string {
  return job.attempt > 1 ? `${jobTime(job)}  at attempt ${job.attempt}` : jobTime(job);
}

/** Why a job did not run: `by lint`, `its condition does not hold`. */
export function skipDetail(job: Extract<JobView, { status: "skipped" }>): string {
  switch (job.reason) {
    case "upstream_failed":
    case "stage_blocked": {
      const more = job.blockedBy.length - NAMED_CAUSES;
      const names = job.blockedBy.slice(0, NAMED_CAUSES).join(", ");
      if (names === "") return "";
      return more > 0 ? `by ${names} and ${more} more` : `by ${names}`;
    }
    case "condition_not_met":
      return "its condition does not hold";
    case "bootstrap_failed":
      return "the run could not start";
    case "not_selected":
      return "not selected";
    case "manual":
      return "manual";
    default:
      return unreachable(job.reason);
  }
}

/** How long a job ran; empty when it never started. */
export function jobTime(job: { readonly startedAtMs?: number; readonly finishedAtMs: number }): string {
  return job.startedAtMs === undefined ? "" : formatDuration(job.finishedAtMs - job.startedAtMs);
}
