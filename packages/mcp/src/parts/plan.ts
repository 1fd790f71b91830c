// What a server that was just started does not need: loaded with the first call that does.
export { planLines } from "@loom/diagnosis";
export { planData, planWorkflow } from "@loom/runner";
export { findRun } from "../workspace/find-run.ts";
export { findWorkflowIn } from "../workspace/find-workflow-in.ts";
