export { findWorkflow, type WorkflowLocation, type WorkflowNotFound } from "./find-workflow.ts";
export { jobsInstead } from "./job-names.ts";
