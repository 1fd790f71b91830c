import { problemAtKey } from "../source/problem-at.ts";
import { entryNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";

/** Says of each job key that will not be carried out what becomes of it, at its first place. */
export function unsupportedKeys(
  jobs: readonly CompleteJob[],
  unsupported: Readonly<Record<string, string>>,
): WorkflowProblem[] {
  const warnings: WorkflowProblem[] = [];
  for (const [key, message] of Object.entries(unsupported)) {
    const first = jobs.find(({ definition }) => asksFor((definition as Record<string, unknown>)[key]));
    const node = entryNode(first?.source, key);
    if (node !== undefined) warnings.push(problemAtKey(node, message));
  }
  return warnings;
}

/** An empty list or mapping asks for nothing. */
function asksFor(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value !== undefined;
  return Object.keys(value).length > 0;
}
