import { formatSpan } from "@loom/core";
import type { PlannedJob, PlanReport } from "../time/plan-report.ts";
import { PLAIN, type Paint } from "./paint.ts";

/** What a run would do, as lines for people: the stages with their jobs, the order, and the time it would take. */
export function planLines(report: PlanReport, paint: Paint = PLAIN): readonly string[] {
  const { stages, criticalPath, slots, estimate, order } = report;
  const critical = new Set<string>(criticalPath);
  const dim = (text: string): string => paint.paint("dim", text);
  const lines = stages.flatMap(({ name, jobs }) => [
    paint.paint("bold", name),
    ...(jobs.length === 0
      ? [`  ${dim("no jobs")}`]
      : jobs.map((job) => `  ${jobText(job, critical.has(job.jobId))}`)),
  ]);
  return [
    ...lines,
    "",
    `${dim("order:")} ${order.join(", ")}`,
    `${dim("critical path:")} ${criticalPath.join(" → ")}`,
    estimate === undefined
      ? `${dim("estimate:")} none, no duration is known from an earlier run`
      : `${dim("estimate:")} ${formatSpan(estimate.durationMs)} with ${slots} slots, ${formatSpan(estimate.unlimitedMs)} without a limit${guessed(estimate.guessed)}`,
  ];
}

function jobText({ jobId, needs, when, runs, startMs, endMs }: PlannedJob, isCritical: boolean): string {
  const facts = [
    ...(needs.length > 0 ? [`needs ${needs.join(", ")}`] : []),
    ...(when === "on_success" ? [] : [when === "always" ? "always" : "only on failure"]),
    ...(runs || when === "on_failure" ? [] : ["not selected"]),
    ...(startMs !== undefined && endMs !== undefined
      ? [`${formatSpan(startMs)} to ${formatSpan(endMs)}`]
      : []),
    ...(isCritical ? ["critical"] : []),
  ];
  return facts.length === 0 ? jobId : `${jobId}  (${facts.join("; ")})`;
}

function guessed(count: number): string {
  return count === 0 ? "" : `; ${count} ${count === 1 ? "job is" : "jobs are"} guessed`;
}
