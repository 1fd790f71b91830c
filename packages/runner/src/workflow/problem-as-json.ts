import type { WorkflowProblem } from "@loom/workflow";

/** A problem or a warning of a workflow, as `--json` gives it. */
export function problemAsJson(found: WorkflowProblem): object {
  const { severity = "error", startOffset, endOffset, ...problem } = found;
  return { severity, ...problem, start_offset: startOffset, end_offset: endOffset };
}
