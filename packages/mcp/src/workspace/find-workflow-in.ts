import { err, ok, type Result } from "@loom/core";
import { findWorkflow, WORKFLOW_PATH, type WorkflowLocation } from "@loom/runner/workflow";
import type { Refusal } from "../answer/answer.ts";
import type { WorkspaceRoot } from "./workspace-root.ts";

/**
 * Finds a workflow of a workspace, that is about a folder in it.
 *
 * @param path - Relative to the workspace, or absolute. Default: `.loom/workflow.yml`; none is looked for above it.
 */
export function findWorkflowIn(
  workspace: WorkspaceRoot,
  path: string = WORKFLOW_PATH,
): Result<WorkflowLocation, Refusal> {
  const inside = workspace.inside(path);
  if (!inside.ok) return inside;
  const found = findWorkflow(workspace.root, inside.value);
  if (!found.ok) return found;
  const { repoRoot } = found.value;
  if (workspace.inside(repoRoot).ok) return ok(found.value);
  const message = `Cannot use workflow "${path}": it is about "${repoRoot}", which is outside workspace_root "${workspace.root}". Name that folder as workspace_root`;
  return err({ message });
}
