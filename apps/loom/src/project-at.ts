import { findWorkflow } from "@loom/runner/workflow";
import { findRunsRoot } from "@loom/artifacts";

/** The nearest project, by its runs or by its workflow: never the runs of one that lies further up. */
export function projectAt(cwd: string): string {
  const workflow = findWorkflow(cwd);
  const roots = [findRunsRoot(cwd), ...(workflow.ok ? [workflow.value.repoRoot] : [])];
  // Both are the folder itself or above it, so the longer one is nearer.
  return roots.filter((root) => root !== undefined).toSorted((a, b) => b.length - a.length)[0] ?? cwd;
}
