import { problemAtNode } from "../source/problem-at.ts";
import { entryNode, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { longSteps } from "./step-nodes.ts";

/** Checks that the steps of jobs with `carry` are run by a shell that can say what it leaves. */
export function checkCarry(jobs: readonly CompleteJob[], problems: WorkflowProblem[]): void {
  const reported = new Set<SourceNode>();
  for (const { source, definition } of jobs) {
    if ((definition.carry ?? []).length === 0) continue;
    for (const whose of [source, ...longSteps(source)]) {
      const shell = entryNode(whose, "shell");
      if (shell?.kind !== "list" || reported.has(shell)) continue;
      reported.add(shell);
      const message =
        "set shell to sh or bash, or leave carry out: of no other program is known what a step leaves";
      problems.push(problemAtNode(shell, message));
    }
  }
}
