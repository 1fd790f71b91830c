// Loaded when jobs have rules: most workflows have none.
export { applyJobRules } from "./apply-job-rules.ts";
export { changedFiles } from "./changed-files.ts";
