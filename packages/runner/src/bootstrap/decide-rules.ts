// Loaded when a workflow has rules: their patterns need an engine of their own.
export { decideRules } from "@loom/workflow";
