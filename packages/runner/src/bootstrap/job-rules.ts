// Loaded when jobs or steps have rules: most workflows have none.
export { applyJobRules } from "./apply-job-rules.ts";
export { changedFiles } from "./changed-files.ts";
export { applyStepConditions } from "./apply-step-conditions.ts";
