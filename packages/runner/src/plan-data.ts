import type { PlannedJob } from "@loom/diagnosis";
import { problemAsJson } from "./workflow/problem-as-json.ts";
import type { WorkflowPlan } from "./workflow-plan.ts";

/** What a run would do, as JSON for programs; `loom schema plan` has its schema. */
export function planData(plan: WorkflowPlan): object {
  const { report, warnings } = plan;
  const { estimate } = report;
  const stages = report.stages.map(({ name }) => name);
  return {
    schema_version: "v1",
    kind: "loom-plan",
    repo_root: plan.repoRoot,
    workflow_path: plan.workflowPath,
    runs: plan.runs,
    workspace: plan.workspace.replace("-", "_"),
    caches: plan.cache,
    fail_fast: plan.failFast,
    concurrency: report.slots,
    busiest_slots: report.busiestSlots,
    order: report.order,
    critical_path: report.criticalPath,
    ...(estimate !== undefined && {
      estimate: {
        duration_ms: estimate.durationMs,
        unlimited_ms: estimate.unlimitedMs,
        guessed_jobs: estimate.guessed,
      },
    }),
    stages,
    jobs: report.stages.flatMap(({ name, jobs }, index) =>
      jobs.map((job) => jsonOfJob(job, { stage: name, before: stages.slice(0, index), plan })),
    ),
    warnings: warnings.map(problemAsJson),
    notes: plan.notes,
  };
}

function jsonOfJob(
  job: PlannedJob,
  {
    stage,
    before,
    plan,
  }: {
    readonly stage: string;
    readonly before: readonly string[];
    readonly plan: WorkflowPlan;
  },
): unknown {
  const { jobId, needs, when, allowFailure, runs, skipReason, startMs, endMs, expectedMs } = job;
  const place = plan.places.get(jobId);
  const keptFrom = plan.kept.get(jobId);
  return {
    job_id: jobId,
    stage,
    after_stages: before,
    needs,
    when,
    allow_failure: allowFailure,
    selected: skipReason !== "not_selected",
    runs,
    ...(skipReason !== undefined && { skip_reason: skipReason }),
    ...(keptFrom !== undefined && { kept_from: keptFrom }),
    ...(place !== undefined && {
      provider: place.provider,
      ...(place.unmetNeed !== undefined && { unmet_need: place.unmetNeed }),
      workspace: place.workspace,
    }),
    ...(expectedMs !== undefined && { expected_ms: expectedMs }),
    ...(startMs !== undefined && endMs !== undefined && { start_ms: startMs, end_ms: endMs }),
  };
}
