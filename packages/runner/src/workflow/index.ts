export { compileOnce } from "./compile-once.ts";
export {
  findRepository,
  findWorkflow,
  WORKFLOW_PATH,
  type WorkflowLocation,
  type WorkflowNotFound,
} from "./find-workflow.ts";
export { jobsInstead } from "./job-names.ts";
export { decode, readInclude } from "./read-workflow.ts";
export type { RunnableWorkflow } from "./kept-workflows.ts";
