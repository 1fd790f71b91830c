import { problemAtKey } from "../source/problem-at.ts";
import { entryNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";

/** Says of services of jobs without an image that nothing can reach them, at the first place of each. */
export function unreachableServices(jobs: readonly CompleteJob[]): WorkflowProblem[] {
  return jobs.flatMap(({ definition, source }) => {
    if (definition.image !== undefined || (definition.services ?? []).length === 0) return [];
    const node = entryNode(source, "services");
    const message =
      "give this job an image: services share a network with its container, and without one it fails";
    return node === undefined ? [] : [problemAtKey(node, message)];
  });
}
