import { formatClock, formatDuration } from "@loom/core";
import { type JobView, type TextStyle, failureWord } from "@loom/reporters/view";
import type { VisibleLog, Scene } from "../state/scene.ts";
import { jobClock, jobWords, unitName } from "./job-words.ts";
import type { LineScan } from "../log/line-scan.ts";

/** The title of the visible log: `lint › 02 pnpm lint`. */
export function logTitle(log: VisibleLog | undefined, style: TextStyle): string {
  if (log === undefined) return "log";
  if (log.job === undefined) return log.title;
  if (log.unit === undefined) return log.job.jobId;
  const unit = log.unit.kind === "phase" ? log.unit.phase : unitName(log.unit);
  return `${log.job.jobId} ${style.glyphs.inside} ${unit}`;
}

/** The state of what the log is of: `failed  exit 1  0:10`; empty if it has not started. */
export function logOutcome(scene: Scene, nowMs: number): string {
  const { log } = scene;
  if (log?.job === undefined) return "";
  if (log.unit === undefined) return jobOutcome(log.job, nowMs);
  const begun = scene.world.units(log.job.jobId).find(({ unit }) => {
    if (unit.kind === "step") return log.unit?.kind === "step" && log.unit.step === unit.step;
    return log.unit?.kind === "section" && log.unit.section === unit.section;
  });
  if (begun === undefined) return "";
  const { startedAtMs, finishedAtMs } = begun;
  const time =
    finishedAtMs === undefined
      ? formatClock(nowMs - startedAtMs)
      : formatDuration(finishedAtMs - startedAtMs);
  const exit =
    log.job.status === "failed" && begun.status === "failed" ? `  ${failureWord(log.job.failure)}` : "";
  return `${begun.status}${exit}  ${time}`;
}

function jobOutcome(job: JobView, nowMs: number): string {
  if (!("startedAtMs" in job)) return "";
  return `${jobWords(job)}  ${jobClock(job, nowMs)}`;
}

/** A search and its results. */
export interface SearchState {
  readonly query: string;
  readonly scan?: LineScan;
  /** Whether it is still running. */
  readonly going: boolean;
}

/** The state of a log: `8 lines  follow`, `paused, 214 new  /expected 2 of 17`. */
export function logFooter(
  scene: Scene,
  given: { readonly finding: SearchState; readonly filter: string; readonly running: boolean },
): string {
  const { log, state } = scene;
  if (log === undefined) return "";
  const parts: string[] = [];
  const { finding } = given;
  if (finding.query !== "") {
    const { scan } = finding;
    if (scan === undefined) parts.push(`/${finding.query}: not a pattern`);
    else {
      const at = log.position.current === undefined ? undefined : scan.firstFrom(log.position.current);
      const onMatch = at !== undefined && at < scan.count && scan.hit(at) === log.position.current;
      parts.push(
        `/${finding.query}  ${onMatch ? `${number(at + 1)} of ` : ""}${number(scan.count)}${finding.going ? "…" : ""}`,
      );
    }
  }
  if (given.filter !== "") parts.push(`&${given.filter}`);
  parts.push(`${number(log.total)} line${log.total === 1 ? "" : "s"}`);
  if (!log.position.follow) {
    const fresh = given.running ? log.total - log.shown.indexOf(log.position.seen) : 0;
    parts.push(
      fresh > 0 ? `paused, ${number(fresh)} new` : log.total > log.height ? position(log) : "paused",
    );
  } else if (given.running) parts.push("follow");
  if (state.wrap) parts.push("wrap");
  return parts.join("  ");
}

function position(log: VisibleLog): string {
  const end = Math.min(log.total, log.top + log.height);
  return `${Math.floor((end / Math.max(1, log.total)) * 100)}%`;
}

function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
