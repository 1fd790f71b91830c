export { compileWorkflow, type CompiledWorkflow, type WorkflowSource } from "./compile-workflow.ts";
export { formatProblem } from "./format-problem.ts";
export { formatGraph, GRAPH_FORMATS, type GraphFormat } from "./graph/format-graph.ts";
export { graphToJson } from "./graph/graph-to-json.ts";
export type { IncludeRefusal, ReadInclude } from "./include/read-include.ts";
export { variablesOf, type Condition, type ConditionValue } from "./rules/condition.ts";
export { conditionHolds, decideJobRules, type JobRuleFacts } from "./rules/decide-job-rules.ts";
export { decideRules, type RuleDecision, type WorkflowRule } from "./rules/decide-rules.ts";
export { nearestName } from "./schema/nearest-name.ts";
export type { Variables } from "./schema/job-definition.ts";
export { expandVariables, type ExpansionError } from "./variables/expand-variables.ts";
export { jobVariables, type VariableLayers } from "./variables/job-variables.ts";
export {
  predefinedVariables,
  type CommitFacts,
  type JobFacts,
  type RunFacts,
} from "./variables/predefined-variables.ts";
export type { JobPlaces } from "./job-places.ts";
export type {
  ProblemExcerpt,
  WorkflowPlace,
  WorkflowProblem,
  WorkflowProblemCode,
} from "./workflow-problem.ts";
