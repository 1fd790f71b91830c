export { checkAt, type CheckedWorkflow, type CheckReceipt, type CheckOptions } from "./check-at.ts";
export { compileOnce } from "./compile-once.ts";
export {
  findRepository,
  findWorkflow,
  WORKFLOW_PATH,
  type WorkflowLocation,
  type WorkflowNotFound,
} from "./find-workflow.ts";
export { problemAsJson } from "./problem-as-json.ts";
export { problemsFromHere } from "./problems-from-here.ts";
export { jobsInstead } from "./job-names.ts";
export { decode, readInclude } from "./read-workflow.ts";
export type { RunnableWorkflow } from "./kept-workflows.ts";
