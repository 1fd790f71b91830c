import { formatProblem, type WorkflowProblem } from "@loom/workflow";

/** The problems of a workflow as lines for a person, in the order in which they were found. */
export function describeProblems(problems: readonly WorkflowProblem[]): string {
  return problems.map((problem) => formatProblem(problem)).join("\n");
}
