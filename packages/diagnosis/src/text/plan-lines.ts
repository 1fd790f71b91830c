import { formatSpan, type JobId } from "@loom/core";
import type { PlannedJob, PlanReport } from "../time/plan-report.ts";
import { PLAIN, type Paint } from "./paint.ts";

/** How a plan is told. */
export interface PlanStyle {
  /** Default: no colours. */
  readonly paint?: Paint | undefined;
  /** What is said of a job that is not selected. Default: `not selected`. */
  readonly leftOut?: string | undefined;
  /** The earlier run whose result a job would keep. Default: none does. */
  readonly keptFrom?: ((jobId: JobId) => string | undefined) | undefined;
  /** What else is said of a job, after its gates. Default: nothing. */
  readonly factsOf?: ((jobId: JobId) => readonly string[]) | undefined;
}

/** What a run would do, as lines for people: the stages with their jobs, the order, and the time it would take. */
export function planLines(
  report: PlanReport,
  { paint = PLAIN, leftOut = "not selected", keptFrom = () => undefined, factsOf = () => [] }: PlanStyle = {},
): readonly string[] {
  const { stages, criticalPath, slots, busiestSlots, estimate, order } = report;
  const critical = new Set<string>(criticalPath);
  const places = new Map<string, number>(order.map((id, index) => [id, index + 1]));
  const placeWidth = String(order.length).length;
  const dim = (text: string): string => paint.paint("dim", text);
  const lineOf = (job: PlannedJob): string => {
    const place = places.get(job.jobId);
    const from = keptFrom(job.jobId);
    const aside = from === undefined ? leftOut : `keeps its success in ${from}`;
    const facts = [
      ...(job.skipReason === "not_selected" ? [aside] : []),
      ...(job.skipReason === "manual" ? ["runs only when asked for"] : []),
      ...(job.skipReason === "condition_not_met" && job.when !== "on_failure"
        ? ["no rule of it applies"]
        : []),
      ...gatesOf(job),
      ...factsOf(job.jobId),
      ...timesOf(job),
      ...(critical.has(job.jobId) ? ["critical"] : []),
    ].join("; ");
    return `  ${(place === undefined ? "-" : String(place)).padStart(placeWidth)} ${job.jobId}  ${dim(`(${facts})`)}`;
  };
  let before: string | undefined;
  const lines = stages.flatMap(({ name, jobs }) => {
    const gate = before === undefined ? "" : dim(`, after ${before}`);
    if (jobs.length > 0) before = name;
    const told = jobs.length === 0 ? [`  ${dim("no jobs")}`] : jobs.map(lineOf);
    return [`${paint.paint("bold", name)}${gate}`, ...told];
  });
  const slotsText = `${slots} ${slots === 1 ? "slot" : "slots"}`;
  return [
    ...lines,
    "",
    `${dim("order:")} ${listOr(order, ", ")}`,
    `${dim("critical path:")} ${listOr(criticalPath, " → ")}`,
    `${dim("at once:")} ${busiestSlots} of ${slotsText}`,
    estimate === undefined
      ? `${dim("estimate:")} unknown, no duration is known from an earlier run`
      : `${dim("estimate:")} ${formatSpan(estimate.durationMs)} with ${slotsText}, ${formatSpan(estimate.unlimitedMs)} without a limit${guessed(estimate.guessed)}`,
  ];
}

function listOr(names: readonly string[], between: string): string {
  return names.length === 0 ? "none" : names.join(between);
}

function gatesOf({ needs, when, allowFailure }: PlannedJob): string[] {
  return [
    ...(needs.length > 0 ? [`needs ${needs.join(", ")}`] : []),
    ...(when === "on_success" ? [] : [when === "always" ? "always" : "only on failure"]),
    ...(allowFailure ? ["may fail"] : []),
  ];
}

function timesOf({ expectedMs, startMs, endMs }: PlannedJob): string[] {
  return [
    expectedMs === undefined ? "time unknown" : `takes ${formatSpan(expectedMs)}`,
    ...(startMs !== undefined && endMs !== undefined
      ? [`${formatSpan(startMs)} to ${formatSpan(endMs)}`]
      : []),
  ];
}

function guessed(count: number): string {
  return count === 0 ? "" : `; ${count} ${count === 1 ? "job is" : "jobs are"} guessed`;
}
