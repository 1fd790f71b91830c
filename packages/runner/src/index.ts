export { runWorkflow, WorkflowError, type RunWorkflowOptions, type WorkflowResult } from "./run-workflow.ts";
export { planData } from "./plan-data.ts";
export { planWorkflow } from "./plan-workflow.ts";
export type { PlanError, PlannedPlace, PlanWorkflowOptions, WorkflowPlan } from "./workflow-plan.ts";
export {
  startWorkflow,
  type FinishedRun,
  type RemoteOptions,
  type ReporterSource,
  type StartWorkflowOptions,
  type WorkflowRun,
} from "./start-workflow.ts";
export { blameCaches, type BlamedCaches, type DifferentJob } from "./cache-diff.ts";
export type { CacheHit } from "./phases/job-phases.ts";
export type { JobVariables } from "./run-request.ts";
export type { RunStart } from "./run-start.ts";
export type { DockerWorkspaceMount } from "./workspace/own-workspace-of.ts";
export type { RunWarning, RunWarningCode } from "./run-warning.ts";
export type { StartError, StartErrorCode } from "./start-error.ts";
export { findReporter, type ReporterFactory } from "./reporters/find-reporter.ts";
export { headingOf } from "./reporters/heading-of.ts";
export { streamOutput } from "./reporters/stream-output.ts";
