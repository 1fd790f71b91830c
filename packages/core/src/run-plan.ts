import {
  decidingSteps,
  whenOf,
  type AllowFailure,
  type GraphIr,
  type GraphNode,
  type GraphRetry,
} from "./graph-ir.ts";
import { jobId, type JobId, type RunId } from "./ids.ts";
import { planFault } from "./plan-fault.ts";
import type { When, WithheldReason } from "./vocabulary.ts";

/** Everything the lifecycle needs to know about one job. */
export interface JobPlan {
  readonly jobId: JobId;
  readonly stage: string;
  /** Jobs of the same or an earlier stage, without duplicates or cycles. */
  readonly needs: readonly JobId[];
  /** What it waits for beside its needs. Absent: all jobs of earlier stages. `needs`: nothing, and their failures do not block it. */
  readonly gate?: "needs";
  readonly when: When;
  /** Runs only if somebody asks for it. Absent: as soon as it may. */
  readonly isManual?: true;
  readonly allowFailure: AllowFailure;
  /** How many steps decide how it ends, 1 or more. */
  readonly stepCount: number;
  /** How many steps follow them, whatever came of them. Absent: none. */
  readonly afterStepCount?: number;
  readonly retry: GraphRetry;
  /** How long an attempt may take before it is stopped, in milliseconds, above 0. Absent: as long as it likes. */
  readonly timeoutMs?: number;
  /** How long single steps may take before they are stopped, in milliseconds, above 0, by their numbers. Absent: no step has a limit. */
  readonly stepTimeoutsMs?: ReadonlyMap<number, number>;
  /** Steps that are left out, by their numbers. Absent: none. */
  readonly withheldSteps?: ReadonlySet<number>;
  /** Which failures of single steps the job goes on after, by their numbers. Absent: none. */
  readonly toleratedSteps?: ReadonlyMap<number, AllowFailure>;
  /** Whether `job.cache_restore` takes place. */
  readonly restoresCache: boolean;
  /** Whether `job.artifact_restore` takes place. */
  readonly restoresArtifacts: boolean;
  /** After which results `job.artifact_save` takes place; absent: never. */
  readonly savesArtifacts?: When;
  /** After which results `job.cache_save` takes place; absent: never. */
  readonly savesCache?: When;
}

/** What a run will do, before any of it is done. */
export interface RunPlan {
  /** In execution order. */
  readonly stages: readonly string[];
  /** In declaration order. */
  readonly jobs: readonly JobPlan[];
  /** How many jobs run at a time: a whole number, 1 or more. */
  readonly concurrency: number;
  /** Whether the first blocking failure keeps everything else from starting. */
  readonly failFast: boolean;
  /** The jobs asked for, with what they need, without those that are kept. Absent: all. */
  readonly selected?: ReadonlySet<JobId>;
  /** Jobs that do not run because they succeeded in an earlier run, and that run. None of them is selected. Absent: none. */
  readonly kept?: ReadonlyMap<JobId, RunId>;
  /**
   * Jobs that do not take place, selected or not, and why. Others go on as if they had succeeded. `manual` ones wait
   * until the run is over, and take place if somebody asks for them meanwhile. Absent: none.
   */
  readonly withheld?: ReadonlyMap<JobId, WithheldReason>;
  /** How long a job is held after a step that failed before it fails, in milliseconds, above 0. Absent: it fails at once. */
  readonly pauseTimeoutMs?: number;
  /** Expected duration of jobs in milliseconds, above 0, from an earlier run. A job not named weighs 1. */
  readonly weights?: ReadonlyMap<JobId, number>;
}

/** How long a job is held that nobody says anything about, where nobody says how long. Milliseconds: 30 minutes. */
export const PAUSE_TIMEOUT_MS: number = 30 * 60_000;

/** What the command line adds to the graph. */
export interface PlanOptions {
  /** How many jobs run at a time: a whole number, 1 or more. */
  readonly concurrency: number;
  /** Default: false. */
  readonly failFast?: boolean | undefined;
  /** Jobs asked for; what they need is added. Absent or empty: all. Names must be in the graph. */
  readonly only?: readonly JobId[] | undefined;
  /** Manual jobs to run though they are not in `only`. Default: none. Names must be in the graph. */
  readonly play?: readonly JobId[] | undefined;
  /** Jobs that keep the success of an earlier run, by the run that it is from. Default: none. Names must be in the graph. */
  readonly kept?: ReadonlyMap<JobId, RunId> | undefined;
  /** Jobs that do not take place, and why. Default: none. Names must be in the graph. */
  readonly withheld?: ReadonlyMap<JobId, WithheldReason> | undefined;
  /** How long a job is held after a step that failed, in milliseconds, above 0. Default: it fails at once. */
  readonly pauseTimeoutMs?: number | undefined;
  /** Expected duration of jobs in milliseconds, above 0; jobs that are not in the graph are allowed. */
  readonly weights?: ReadonlyMap<JobId, number> | undefined;
  /** Which optional phases the composition can carry out. Default: none. */
  readonly optionalPhases?: ((node: GraphNode) => OptionalPhases) | undefined;
}

/** The phases that only some jobs have. */
export type OptionalPhases = Partial<
  Pick<JobPlan, "restoresCache" | "restoresArtifacts" | "savesArtifacts" | "savesCache">
>;

const NO_RETRY: GraphRetry = { max: 0, on: [] };

/**
 * Plans a run of a compiled workflow.
 *
 * @throws When `concurrency` is not a whole number of 1 or more, `only`, `play`, `kept` or `withheld` names a job that the graph does not
 *   have, or the graph cannot be scheduled, as for `readGraph`, or has a job without steps or with an impossible limit or
 *   number of attempts. All are bugs of the caller: `@loom/workflow` compiles no such graph.
 */
export function planRun(graph: GraphIr, options: PlanOptions): RunPlan {
  const fault = planFault(graph, options.concurrency, [
    ...(options.only ?? []),
    ...(options.play ?? []),
    ...(options.kept?.keys() ?? []),
    ...(options.withheld?.keys() ?? []),
  ]);
  if (fault !== undefined) throw new Error(`Cannot plan the run: ${fault}`);
  const withheld = new Map([...(options.withheld ?? []), ...manualJobs(graph, options)]);
  return makePlan(graph, { ...options, withheld });
}

/** The manual jobs that nobody asks for, and those that need one of them; what is kept of an earlier run waits for nobody. */
function manualJobs(
  { nodes }: GraphIr,
  { only = [], play = [], kept, withheld }: PlanOptions,
): ReadonlyMap<JobId, WithheldReason> {
  const manual = new Map<JobId, WithheldReason>();
  // Most workflows have none.
  if (!nodes.some((node) => node.when === "manual")) return manual;
  const needs = new Map(nodes.map((node) => [jobId(node.id), (node.needs ?? []).map(jobId)]));
  const asked = withNeeds(needs, [...only, ...play]);
  const dependants = new Map<JobId, JobId[]>([...needs.keys()].map((id) => [id, []]));
  for (const [id, list] of needs) for (const need of list) dependants.get(need)?.push(id);
  const waiting = nodes.flatMap(({ id, when }) =>
    when === "manual" && !asked.has(jobId(id)) && kept?.has(jobId(id)) !== true ? [jobId(id)] : [],
  );
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (manual.has(id) || kept?.has(id) === true || withheld?.has(id) === true) continue;
    manual.set(id, "manual");
    waiting.push(...(dependants.get(id) ?? []));
  }
  return manual;
}

/** Makes the plan of what `planFault` finds no fault with. */
export function makePlan(graph: GraphIr, options: PlanOptions): RunPlan {
  const jobs = graph.nodes.map((node): JobPlan => ({
    jobId: jobId(node.id),
    stage: node.stage,
    needs: (node.needs ?? []).map(jobId),
    ...(node.gate === "needs" && { gate: node.gate }),
    when: whenOf(node),
    ...(node.when === "manual" && { isManual: true as const }),
    allowFailure: node.allow_failure ?? false,
    stepCount: decidingSteps(node),
    ...(node.after_script !== undefined &&
      node.after_script.length > 0 && { afterStepCount: node.after_script.length }),
    retry: node.retry ?? NO_RETRY,
    ...(node.timeout_ms !== undefined && { timeoutMs: node.timeout_ms }),
    ...stepPlans(node),
    restoresCache: false,
    restoresArtifacts: false,
    ...options.optionalPhases?.(node),
  }));
  return {
    stages: graph.stages,
    jobs,
    concurrency: options.concurrency,
    failFast: options.failFast ?? false,
    ...selection(jobs, options),
    ...(options.withheld !== undefined && options.withheld.size > 0 && { withheld: options.withheld }),
    ...(options.pauseTimeoutMs !== undefined && { pauseTimeoutMs: options.pauseTimeoutMs }),
    ...(options.weights !== undefined && { weights: options.weights }),
  };
}

function stepPlans({
  step_options: options = [],
}: GraphNode): Pick<JobPlan, "stepTimeoutsMs" | "withheldSteps" | "toleratedSteps"> {
  const limits = new Map<number, number>();
  const withheld = new Set<number>();
  const tolerated = new Map<number, AllowFailure>();
  for (const { step, timeout_ms: limitMs, withheld: isWithheld, allow_failure: mayFail } of options) {
    if (limitMs !== undefined) limits.set(step, limitMs);
    if (isWithheld === true) withheld.add(step);
    if (mayFail !== undefined && mayFail !== false) tolerated.set(step, mayFail);
  }
  return {
    ...(limits.size > 0 && { stepTimeoutsMs: limits }),
    ...(withheld.size > 0 && { withheldSteps: withheld }),
    ...(tolerated.size > 0 && { toleratedSteps: tolerated }),
  };
}

function selection(
  jobs: readonly JobPlan[],
  { only = [], play = [], kept }: Pick<PlanOptions, "only" | "play" | "kept">,
): Pick<RunPlan, "selected" | "kept"> {
  const needs = new Map(jobs.map((job) => [job.jobId, job.needs]));
  const asked = only.length > 0 ? withNeeds(needs, [...only, ...play]) : undefined;
  if (kept === undefined || kept.size === 0) return asked === undefined ? {} : { selected: asked };
  const all = asked ?? jobs.map((job) => job.jobId);
  return { selected: new Set([...all].filter((id) => !kept.has(id))), kept };
}

function withNeeds(needs: ReadonlyMap<JobId, readonly JobId[]>, asked: readonly JobId[]): ReadonlySet<JobId> {
  const all = new Set<JobId>(asked);
  for (const id of all) {
    // Stryker disable next-line ArrayDeclaration: every job asked for is in the plan, and so are its needs.
    for (const need of needs.get(id) ?? []) all.add(need);
  }
  return all;
}
