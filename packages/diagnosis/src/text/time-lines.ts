import { formatSpan } from "@loom/core";
import type { TimeReport } from "../time/time-report.ts";
import { PLAIN, type Paint } from "./paint.ts";

/** Jobs of the critical path that are named; the shortest are left out first. */
const PATH_JOBS = 8;

/** Waits that are named. */
const WAITS = 3;

/** Savings below this share of the run are not worth a line. */
const WORTHWHILE = 0.03;

/** Where the time of a run went, as a few lines for people. Nothing for a run in which no job ran. */
export function timeLines(report: TimeReport, paint: Paint = PLAIN): readonly string[] {
  const { durationMs, slots, busiestSlots, utilisation, jobsRun, workMs } = report;
  if (jobsRun === 0) return [];
  const share = `${Math.round(utilisation * 100)} %`;
  return [
    `${paint.paint("dim", "time:")} ${formatSpan(durationMs)} for ${formatSpan(workMs)} of work; ${busiestSlots} of ${slots} slots used at once, ${share} of their time`,
    `${paint.paint("dim", "critical path:")} ${pathText(report)}`,
    ...report.slotWaits
      .slice(0, WAITS)
      .map(
        ({ waiting, waitedMs }) =>
          `${paint.paint("dim", "waited:")} ${waiting} ${formatSpan(waitedMs)} for a free slot`,
      ),
    ...forecastLines(report).map((line) => `${paint.paint("dim", "could be:")} ${line}`),
  ];
}

function pathText({ criticalPath }: TimeReport): string {
  const longest = criticalPath.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, PATH_JOBS);
  const named = criticalPath
    .filter((job) => longest.includes(job))
    .map(({ jobId, durationMs }) => `${jobId} ${formatSpan(durationMs)}`)
    .join(" → ");
  const left = criticalPath.length - longest.length;
  return left > 0 ? `${named} (and ${left} shorter)` : named;
}

function forecastLines({ forecasts, durationMs }: TimeReport): readonly string[] {
  const lines: string[] = [];
  let bestMs = durationMs * WORTHWHILE;
  for (const { slots, durationMs: forecastMs, savedMs } of forecasts) {
    // A larger number of slots earns its line only by what it adds.
    if (savedMs < bestMs || savedMs <= 0) continue;
    const label = slots === undefined ? "without a limit of slots" : `with ${slots} slots`;
    lines.push(`${formatSpan(forecastMs)} ${label}, ${formatSpan(savedMs)} less`);
    bestMs = savedMs + durationMs * WORTHWHILE;
  }
  return lines;
}
