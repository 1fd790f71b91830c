export { compileOnce } from "./compile-once.ts";
export { findWorkflow, type WorkflowLocation, type WorkflowNotFound } from "./find-workflow.ts";
export { jobsInstead } from "./job-names.ts";
export type { RunnableWorkflow } from "./kept-workflows.ts";
