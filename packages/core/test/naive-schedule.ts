import type { JobId, JobPlan, JobResult, JobSchedule, RunPlan, ScheduleDecision } from "../src/index.ts";

/**
 * The rules of starting written as plainly as they can be read: everything is
 * looked at again after every settled job. Slow on purpose.
 *
 * Without fail-fast, selection, jobs that wait to be asked for and weights; those belong to the real schedule.
 */
export function naiveSchedule(plan: RunPlan): JobSchedule {
  const settled = new Map<JobId, JobResult>();
  const decided = new Set<JobId>();
  const ready: JobId[] = [];
  const stageOf = (job: JobPlan): number => plan.stages.indexOf(job.stage);
  const decide = (): ScheduleDecision[] => {
    const decisions: ScheduleDecision[] = [];
    for (const job of plan.jobs) {
      if (decided.has(job.jobId)) continue;
      const earlier = plan.jobs
        .filter((other) => job.gate !== "needs" && stageOf(other) < stageOf(job))
        .map((other) => other.jobId);
      const awaited = [...job.needs, ...earlier];
      if (!awaited.every((id) => settled.has(id))) continue;
      decided.add(job.jobId);
      const failed = awaited.filter((id) => isBlockingFailure(settled.get(id)));
      const blocked = awaited.filter((id) => isBlocked(settled.get(id)));
      if (job.when === "on_success" && failed.length + blocked.length > 0) {
        const throughNeeds = job.needs.some((id) => failed.includes(id) || blocked.includes(id));
        const reason = throughNeeds ? "upstream_failed" : "stage_blocked";
        decisions.push({ kind: "skip", jobId: job.jobId, reason, blockedBy: failed });
      } else if (job.when === "on_failure" && failed.length === 0) {
        decisions.push({ kind: "skip", jobId: job.jobId, reason: "condition_not_met", blockedBy: [] });
      } else {
        ready.push(job.jobId);
        decisions.push({ kind: "ready", jobId: job.jobId });
      }
    }
    return decisions;
  };
  return {
    begin: decide,
    settle: (jobId, result) => {
      settled.set(jobId, result);
      return decide();
    },
    waiting: 0,
    waits: () => false,
    play: (jobId) => {
      throw new Error(`Job "${jobId}" does not wait`);
    },
    close: () => [],
    take: (wanted) => {
      if (wanted === undefined) return ready.shift();
      const index = ready.indexOf(wanted);
      return index === -1 ? undefined : ready.splice(index, 1)[0];
    },
  };
}

/** Whether a job failed and nothing tolerates it. */
export function isBlockingFailure(result: JobResult | undefined): boolean {
  return result?.status === "failed" && result.blocking;
}

/** Whether a job was skipped because another failed. */
export function isBlocked(result: JobResult | undefined): boolean {
  return (
    result?.status === "skipped" && (result.reason === "upstream_failed" || result.reason === "stage_blocked")
  );
}
