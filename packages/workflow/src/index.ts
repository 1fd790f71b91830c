export { compileWorkflow, type CompiledWorkflow, type WorkflowSource } from "./compile-workflow.ts";
export { formatProblem } from "./format-problem.ts";
export { graphToJson } from "./graph/graph-to-json.ts";
export type { IncludeRefusal, ReadInclude } from "./include/read-include.ts";
export type { Variables } from "./schema/job-definition.ts";
export type { ProblemExcerpt, WorkflowProblem, WorkflowProblemCode } from "./workflow-problem.ts";
