export { findWorkflow, type WorkflowLocation, type WorkflowNotFound } from "./find-workflow.ts";
export { jobNames, jobsInstead } from "./job-names.ts";
export { compileAt, describeProblems } from "./load-workflow.ts";
