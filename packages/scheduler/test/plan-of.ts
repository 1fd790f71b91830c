import { jobId, type JobPlan, type RunPlan, type WithheldReason } from "@loom/core";

/** What matters of a job here. Default: stage `main`, no needs, `on_success`. */
export interface JobSketch {
  readonly stage?: string;
  readonly needs?: readonly string[];
  readonly when?: JobPlan["when"];
  readonly isManual?: boolean;
  readonly isUngated?: boolean;
}

/** What a test may say about the run as a whole. Default stages: in order of appearance in the jobs. */
export interface PlanSketch {
  readonly stages?: readonly string[];
  readonly failFast?: boolean;
  readonly selected?: readonly string[];
  readonly withheld?: Readonly<Record<string, WithheldReason>>;
  readonly weights?: Readonly<Record<string, number>>;
}

/** Builds a plan from jobs by name, in declaration order. */
export function planOf(sketches: Readonly<Record<string, JobSketch>>, sketch: PlanSketch = {}): RunPlan {
  const jobs = Object.entries(sketches).map(([name, job]) => jobPlan(name, job));
  return {
    stages: sketch.stages ?? [...new Set(jobs.map((job) => job.stage))],
    jobs,
    concurrency: 1,
    failFast: sketch.failFast ?? false,
    ...(sketch.selected !== undefined && { selected: new Set(sketch.selected.map(jobId)) }),
    ...(sketch.withheld !== undefined && {
      withheld: new Map(Object.entries(sketch.withheld).map(([name, reason]) => [jobId(name), reason])),
    }),
    ...(sketch.weights !== undefined && {
      weights: new Map(Object.entries(sketch.weights).map(([name, weight]) => [jobId(name), weight])),
    }),
  };
}

function jobPlan(
  name: string,
  { stage = "main", needs = [], when = "on_success", isManual = false, isUngated = false }: JobSketch,
): JobPlan {
  return {
    jobId: jobId(name),
    stage,
    needs: needs.map(jobId),
    when,
    ...(isManual && { isManual }),
    ...(isUngated && { gate: "needs" as const }),
    allowFailure: false,
    stepCount: 1,
    retry: { max: 0, on: [] },
    restoresCache: false,
    restoresArtifacts: false,
  };
}
