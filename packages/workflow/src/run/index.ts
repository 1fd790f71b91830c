// What a run needs of a workflow that is compiled already. It loads no parser, no schemas and no engine for patterns.
export { variablesOf } from "../rules/condition.ts";
export { nearestName } from "../schema/nearest-name.ts";
export { expandText } from "../variables/expand-text.ts";
export { expandVariables, type ExpansionError } from "../variables/expand-variables.ts";
export { jobVariables, type VariableLayers } from "../variables/job-variables.ts";
export {
  predefinedVariables,
  type CommitFacts,
  type JobFacts,
  type RunFacts,
} from "../variables/predefined-variables.ts";
