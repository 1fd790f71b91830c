import type { EventError, JobId, RunId } from "@loom/core";
import type { PlanReport } from "@loom/diagnosis";
import type { WorkflowProblem } from "@loom/workflow";
import type { StartWorkflowOptions } from "./start-workflow.ts";

/** What to plan: as for `startWorkflow`, of which only what a plan depends on counts. */
export type PlanWorkflowOptions = Pick<
  StartWorkflowOptions,
  | "cwd"
  | "workflow"
  | "jobs"
  | "play"
  | "base"
  | "retry"
  | "variables"
  | "concurrency"
  | "failFast"
  | "workspace"
  | "dockerWorkspaceMount"
  | "cache"
  | "cacheHome"
  | "providers"
  | "env"
>;

/** Where a job would run. */
export interface PlannedPlace {
  /** Name of the provider; `none` when the job asks for what no provider has, and would fail. */
  readonly provider: string;
  /** What that is, such as `services`. */
  readonly unmetNeed?: string;
  /** `own`: in a copy of the snapshot for this job alone; `shared`: where the other jobs work. */
  readonly workspace: "own" | "shared";
}

/** What a run would do. */
export interface WorkflowPlan {
  /** Absolute: the folder that holds `.loom`. */
  readonly repoRoot: string;
  /** Absolute. */
  readonly workflowPath: string;
  /** Where jobs would work. */
  readonly workspace: "isolated" | "staged" | "in-place";
  /** Whether caches would be restored and saved. */
  readonly cache: boolean;
  readonly failFast: boolean;
  /** The jobs that would keep the result of an earlier run, and that run. */
  readonly kept: ReadonlyMap<JobId, RunId>;
  /** Whether the pipeline runs: `false` when no rule of the workflow lets it. */
  readonly runs: boolean;
  /** Order, gates and times. */
  readonly report: PlanReport;
  /** By job, in declaration order. */
  readonly places: ReadonlyMap<JobId, PlannedPlace>;
  /** What `loom check` warns of. Paths are relative to `cwd`. */
  readonly warnings: readonly WorkflowProblem[];
  /** What the run would warn of. Sentences without a full stop. */
  readonly notes: readonly string[];
}

/**
 * Why there is no plan: `WORKFLOW_NOT_FOUND`, `JOB_NOT_FOUND`, `RETRY_REFUSED` and `RETRY_NOTHING_FAILED` as for
 * `startWorkflow`; any other code is one that the run would fail with.
 */
export interface PlanError {
  readonly code: EventError["code"];
  readonly message: string;
}
