import type { JobId, RunPlan, SkipReason, When } from "@loom/core";
import { mostAtOnce } from "./most-at-once.ts";
import { simulateSchedule } from "./simulate-schedule.ts";

/** A job of a plan. */
export interface PlannedJob {
  readonly jobId: JobId;
  readonly needs: readonly JobId[];
  readonly when: When;
  readonly allowFailure: boolean;
  /** Whether it would run if every job succeeded. */
  readonly runs: boolean;
  /** Why it would not: it was left out, or runs on failure only. */
  readonly skipReason?: Extract<SkipReason, "not_selected" | "condition_not_met" | "manual">;
  /** When it would start and end, in milliseconds from the start of the pipeline; only with a known duration for some job. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** How long it takes, if that is known. */
  readonly expectedMs?: number;
}

/** The jobs of a stage; they wait for all of the stages before. */
export interface PlannedStage {
  readonly name: string;
  /** In declaration order. */
  readonly jobs: readonly PlannedJob[];
}

/** What a run would do, before any of it is done. */
export interface PlanReport {
  /** In execution order. */
  readonly stages: readonly PlannedStage[];
  /** The jobs that would run if all succeeded, in the order of their starts. */
  readonly order: readonly JobId[];
  /** The jobs that each would hold up the next, first to last. */
  readonly criticalPath: readonly JobId[];
  readonly slots: number;
  /** How many jobs would run at once at most. */
  readonly busiestSlots: number;
  /** Absent when no job's duration is known. */
  readonly estimate?: {
    readonly durationMs: number;
    /** The same without a limit of slots. */
    readonly unlimitedMs: number;
    /** How many of the jobs that would run have no known duration; the median of the others stands for it. */
    readonly guessed: number;
  };
}

/**
 * Says what a run would do: its order, gates and critical path, and how long it would take.
 *
 * Pure. Supposes that every job succeeds, so jobs that run on failure are left out.
 *
 * @param plan - With the weights that the run would have: the order of starts depends on them.
 * @param durations - Milliseconds that jobs take, from earlier runs; may be empty.
 */
export function planReport(plan: RunPlan, durations: ReadonlyMap<JobId, number>): PlanReport {
  const known = plan.jobs.flatMap((job) => durations.get(job.jobId) ?? []);
  const typicalMs = known.length === 0 ? 1 : median(known);
  const durationMs = (id: JobId): number => durations.get(id) ?? typicalMs;
  const simulated = simulateSchedule(plan, { durationMs }, plan.concurrency);
  const times = new Map(simulated.jobs.map((job) => [job.jobId, job]));
  const isTimed = known.length > 0;
  const planned = plan.jobs.map((job): PlannedJob & { readonly stage: string } => {
    const time = times.get(job.jobId);
    const expectedMs = durations.get(job.jobId);
    const isSelected = plan.selected?.has(job.jobId) ?? true;
    return {
      stage: job.stage,
      jobId: job.jobId,
      needs: job.needs,
      when: job.when,
      allowFailure: job.allowFailure !== false,
      runs: time !== undefined,
      ...(time === undefined && {
        skipReason: isSelected ? (plan.withheld?.get(job.jobId) ?? "condition_not_met") : "not_selected",
      }),
      ...(isTimed && time !== undefined && { startMs: time.startMs, endMs: time.endMs }),
      ...(expectedMs !== undefined && { expectedMs }),
    };
  });
  const byStage = new Map<string, PlannedJob[]>(plan.stages.map((name) => [name, []]));
  for (const { stage, ...job } of planned) byStage.get(stage)?.push(job);
  const unlimited = simulateSchedule(plan, { durationMs }, Number.POSITIVE_INFINITY);
  return {
    stages: [...byStage].map(([name, jobs]) => ({ name, jobs })),
    order: simulated.jobs.map((job) => job.jobId),
    criticalPath: pathTo(plan, unlimited.jobs),
    slots: plan.concurrency,
    busiestSlots: mostAtOnce(simulated.jobs),
    ...(isTimed && {
      estimate: {
        durationMs: simulated.durationMs,
        unlimitedMs: unlimited.durationMs,
        guessed: simulated.jobs.filter((job) => !durations.has(job.jobId)).length,
      },
    }),
  };
}

/** The chain of jobs that ends last: each starts when the one before it ends, because of its needs or its stage. */
function pathTo(
  plan: RunPlan,
  jobs: readonly { readonly jobId: JobId; readonly startMs: number; readonly endMs: number }[],
): readonly JobId[] {
  const times = new Map(jobs.map((job) => [job.jobId, job]));
  const plans = new Map(plan.jobs.map((job) => [job.jobId, job]));
  const lastOfStage = new Map<string, { readonly jobId: JobId; readonly endMs: number }>();
  for (const job of jobs) {
    const stage = plans.get(job.jobId)?.stage ?? "";
    const last = lastOfStage.get(stage);
    if (last === undefined || job.endMs > last.endMs) lastOfStage.set(stage, job);
  }
  const before = (id: JobId): JobId | undefined => {
    const job = plans.get(id);
    if (job === undefined) return undefined;
    const stage = job.gate === "needs" ? 0 : plan.stages.indexOf(job.stage);
    const gates = [
      ...job.needs.map((need) => times.get(need)),
      ...plan.stages.slice(0, Math.max(0, stage)).map((name) => lastOfStage.get(name)),
    ].filter((gate) => gate !== undefined);
    return gates.reduce<(typeof gates)[number] | undefined>(
      (a, b) => (a === undefined || b.endMs > a.endMs ? b : a),
      undefined,
    )?.jobId;
  };
  const last = jobs.reduce<(typeof jobs)[number] | undefined>(
    (a, b) => (a === undefined || b.endMs > a.endMs ? b : a),
    undefined,
  );
  const path: JobId[] = [];
  for (let id = last?.jobId; id !== undefined; id = before(id)) path.push(id);
  return path.reverse();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 1;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
