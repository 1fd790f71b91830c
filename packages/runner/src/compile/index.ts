export { compileAt, describeProblems, jobNames } from "../workflow/load-workflow.ts";
