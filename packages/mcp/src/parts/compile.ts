// What a server that was just started does not need: loaded with the first call that does.
export { compileAt, describeProblems } from "@loom/runner/compile";
export { checkAt, problemAsJson, problemsFromHere } from "@loom/runner/workflow";
export { findWorkflowIn } from "../workspace/find-workflow-in.ts";
