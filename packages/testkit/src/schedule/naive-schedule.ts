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
  /** All that wait for somebody to ask for them, as the run began. */
  const waited = new Set<JobId>();
  const waiting = new Set<JobId>();
  const asked = new Set<JobId>();

  const stageOf = (job: JobPlan): number => plan.stages.indexOf(job.stage);
  const needsOf = (job: JobPlan): JobPlan[] => job.needs.map(byId);
  const earlierThan = (job: JobPlan): JobPlan[] =>
    plan.jobs.filter(
      (other) => job.gate !== "needs" && stageOf(other) < stageOf(job) && !waited.has(other.jobId),
    );
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
      const blockedBy = inFileOrder(earlierThan(job).flatMap(rootsOf));
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
      if (hasSettled(job) || decided.get(job.jobId) === "skip" || waiting.has(job.jobId)) continue;
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

  const isSelected = (job: JobId): boolean => plan.selected === undefined || plan.selected.has(job);

  /** Looks at every job again until nothing changes. */
  const untilNothingChanges = (change: (job: JobPlan) => boolean): void => {
    while (plan.jobs.some(change));
  };

  const findWaiting = (): void => {
    untilNothingChanges((job) => {
      const reason = plan.withheld?.get(job.jobId);
      const waits =
        reason === "manual" || (reason === undefined && job.needs.some((need) => waited.has(need)));
      if (!waits || !isSelected(job.jobId) || waited.has(job.jobId)) return false;
      waited.add(job.jobId);
      waiting.add(job.jobId);
      return true;
    });
  };

  const play = (wanted: JobId): ScheduleDecision[] => {
    asked.add(wanted);
    untilNothingChanges((job) => {
      const isNeeded = plan.jobs.some((other) => asked.has(other.jobId) && other.needs.includes(job.jobId));
      if (!isNeeded || !waiting.has(job.jobId) || asked.has(job.jobId)) return false;
      asked.add(job.jobId);
      return true;
    });
    untilNothingChanges((job) => {
      if (!waiting.has(job.jobId) || job.needs.some((need) => waiting.has(need))) return false;
      const isManual = job.isManual === true || !job.needs.some((need) => waited.has(need));
      if (isManual && !asked.has(job.jobId)) return false;
      waiting.delete(job.jobId);
      return true;
    });
    return decideAll();
  };

  return {
    get waiting() {
      return waiting.size;
    },
    waits: (jobId) => waiting.has(jobId) && !asked.has(jobId) && !hasSettled(byId(jobId)),
    play,
    close: () => {
      const left = plan.jobs.map(({ jobId }) => jobId).filter((id) => waiting.has(id));
      waiting.clear();
      for (const jobId of left) decided.set(jobId, "skip");
      return left.map((jobId) => ({ kind: "skip", jobId, reason: "manual", blockedBy: [] }));
    },
    begin: () => {
      findWaiting();
      const leftOut = plan.jobs.flatMap(({ jobId }) => {
        if (waiting.has(jobId)) return [];
        const reason = isSelected(jobId) ? plan.withheld?.get(jobId) : ("not_selected" as const);
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
      waiting.delete(jobId);
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
        other.needs.includes(job.jobId) ||
        (other.gate !== "needs" && plan.stages.indexOf(other.stage) > plan.stages.indexOf(job.stage)),
    );
    const length = (plan.weights?.get(job.jobId) ?? 1) + Math.max(0, ...waiting.map(lengthOf));
    lengths.set(job.jobId, length);
    return length;
  };
  return new Map(plan.jobs.map((job) => [job.jobId, lengthOf(job)]));
}
