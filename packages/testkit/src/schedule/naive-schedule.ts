import type { JobId, JobPlan, JobResult, JobSchedule, RunPlan, ScheduleDecision } from "@loom/core";

/**
 * The schedule as docs/contract.md#when-a-job-starts words it, with nothing counted and nothing
 * remembered: every question is answered by looking at every job again.
 */
export function createNaiveSchedule(plan: RunPlan): JobSchedule {
  const results = new Map<JobId, JobResult>();
  const decided = new Map<JobId, "ready" | "skip">();
  const taken = new Set<JobId>();

  const byId = (id: JobId): JobPlan => {
    const found = plan.jobs.find((job) => job.jobId === id);
    if (found === undefined) throw new Error(`no job ${id}`);
    return found;
  };
  const stageOf = (job: JobPlan): number => plan.stages.indexOf(job.stage);
  const needsOf = (job: JobPlan): JobPlan[] => job.needs.map(byId);
  const earlierThan = (job: JobPlan): JobPlan[] => plan.jobs.filter((other) => stageOf(other) < stageOf(job));
  const hasSettled = (job: JobPlan): boolean => results.has(job.jobId);

  const failed = (job: JobPlan): boolean => {
    const result = results.get(job.jobId);
    return result?.status === "failed" && result.blocking;
  };
  const skippedBecauseOfFailure = (job: JobPlan): boolean => {
    const result = results.get(job.jobId);
    return (
      result?.status === "skipped" &&
      (result.reason === "upstream_failed" || result.reason === "stage_blocked")
    );
  };
  const blocks = (job: JobPlan): boolean => failed(job) || skippedBecauseOfFailure(job);

  /** The failed jobs behind a job that blocks: itself, or those it was skipped for. */
  const rootsOf = (job: JobPlan): readonly JobId[] => {
    if (failed(job)) return [job.jobId];
    const result = results.get(job.jobId);
    return result?.status === "skipped" ? result.blockedBy : [];
  };
  const inFileOrder = (ids: readonly JobId[]): JobId[] =>
    plan.jobs.map((job) => job.jobId).filter((id) => ids.includes(id));

  const firstFailure = (): JobId | undefined => [...results.keys()].find((id) => failed(byId(id))); // a Map keeps the order in which jobs settled

  const decide = (job: JobPlan): ScheduleDecision => {
    const { jobId } = job;
    const judgedBy = [...needsOf(job), ...earlierThan(job)];
    if (job.when === "always") return { kind: "ready", jobId };
    if (job.when === "on_failure") {
      if (judgedBy.some(failed)) return { kind: "ready", jobId };
      return { kind: "skip", jobId, reason: "condition_not_met", blockedBy: [] };
    }
    if (needsOf(job).some(blocks)) {
      const blockedBy = inFileOrder(needsOf(job).flatMap(rootsOf));
      return { kind: "skip", jobId, reason: "upstream_failed", blockedBy };
    }
    if (earlierThan(job).some(blocks)) {
      const blockedBy = earlierThan(job)
        .filter(failed)
        .map((other) => other.jobId);
      return { kind: "skip", jobId, reason: "stage_blocked", blockedBy };
    }
    const first = firstFailure();
    if (plan.failFast && first !== undefined) {
      return { kind: "skip", jobId, reason: "stage_blocked", blockedBy: [first] };
    }
    return { kind: "ready", jobId };
  };

  /** Looks at every job: who has been decided by what has happened so far? */
  const decideAll = (): ScheduleDecision[] => {
    const decisions: ScheduleDecision[] = [];
    for (const job of plan.jobs) {
      if (hasSettled(job) || decided.get(job.jobId) === "skip") continue;
      if (![...needsOf(job), ...earlierThan(job)].every(hasSettled)) continue;
      if (decided.has(job.jobId)) {
        const isWithdrawn = plan.failFast && firstFailure() !== undefined && job.when === "on_success";
        if (taken.has(job.jobId) || !isWithdrawn) continue;
      }
      const decision = decide(job);
      decided.set(job.jobId, decision.kind);
      decisions.push(decision);
    }
    return decisions;
  };

  return {
    begin: () => {
      const leftOut = plan.jobs.flatMap(({ jobId }) => {
        const isSelected = plan.selected === undefined || plan.selected.has(jobId);
        const reason = isSelected ? plan.withheld?.get(jobId) : ("not_selected" as const);
        return reason === undefined ? [] : [{ jobId, reason }];
      });
      for (const { jobId } of leftOut) decided.set(jobId, "skip");
      const decisions = decideAll();
      for (const { jobId, reason } of leftOut) {
        decisions.push({ kind: "skip", jobId, reason, blockedBy: [] });
      }
      return plan.jobs.flatMap((job) => decisions.filter((decision) => decision.jobId === job.jobId));
    },
    settle: (jobId, result) => {
      results.set(jobId, result);
      return decideAll();
    },
    take: () => {
      const paths = naiveRemainingPaths(plan);
      const length = (job: JobPlan): number => paths.get(job.jobId) ?? Number.NaN;
      const ready = plan.jobs.filter(
        (job) => decided.get(job.jobId) === "ready" && !taken.has(job.jobId) && !hasSettled(job),
      );
      const longest = Math.max(...ready.map(length));
      const next = ready.find((job) => length(job) === longest)?.jobId;
      if (next !== undefined) taken.add(next);
      return next;
    },
  };
}

/** Follows every edge, those of the stage gates written out. */
export function naiveRemainingPaths(plan: RunPlan): ReadonlyMap<JobId, number> {
  const lengths = new Map<JobId, number>();
  const lengthOf = (job: JobPlan): number => {
    const known = lengths.get(job.jobId);
    if (known !== undefined) return known;
    const waiting = plan.jobs.filter(
      (other) =>
        other.needs.includes(job.jobId) || plan.stages.indexOf(other.stage) > plan.stages.indexOf(job.stage),
    );
    const length = (plan.weights?.get(job.jobId) ?? 1) + Math.max(0, ...waiting.map(lengthOf));
    lengths.set(job.jobId, length);
    return length;
  };
  return new Map(plan.jobs.map((job) => [job.jobId, lengthOf(job)]));
}
