import type { RunEnd } from "@loom/ports";
import {
  BlockedJobs,
  closingLines,
  endedJobLine,
  nameColumn,
  type RunView,
  type TextStyle,
} from "@loom/reporters/view";

/** The text that stays in the terminal after the screen: a line for each ended job, and the result of the run. */
export function transcript(view: RunView, end: RunEnd, style: TextStyle): string {
  const jobs = new Map(view.jobs.map((job) => [job.jobId, job]));
  const nameWidth = nameColumn(view.jobs);
  const blocked = new BlockedJobs();
  const lines = view.endedIds.flatMap((id) => {
    const job = jobs.get(id);
    if (job === undefined || (job.status === "skipped" && job.reason === "not_selected")) return [];
    return blocked.hasLine(job) ? [endedJobLine(style, job, nameWidth) ?? ""] : [];
  });
  return [...lines, ...blocked.more(style), ...closingLines(style, view, end)]
    .map((line) => `${line}\n`)
    .join("");
}
