export { compileOnce } from "./compile-once.ts";
export {
  findRepository,
  findWorkflow,
  WORKFLOW_PATH,
  type WorkflowLocation,
  type WorkflowNotFound,
} from "./find-workflow.ts";
export { jobsInstead } from "./job-names.ts";
export type { RunnableWorkflow } from "./kept-workflows.ts";
