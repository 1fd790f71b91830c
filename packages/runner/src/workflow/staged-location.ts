import { statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { WorkflowLocation } from "./find-workflow.ts";

/**
 * Where a workflow is in a snapshot of what is staged. One that is not a file of
 * the project stays where it is; what it includes is read from the snapshot.
 *
 * @param projectDir - The project in the snapshot. Absolute.
 * @returns `undefined` when the workflow is a file of the project that is not staged.
 */
export function stagedLocation(location: WorkflowLocation, projectDir: string): WorkflowLocation | undefined {
  const below = relative(location.repoRoot, location.workflowPath);
  const isOutside = below.startsWith("..") || isAbsolute(below);
  if (location.text !== undefined || isOutside) return { ...location, repoRoot: projectDir };
  const workflowPath = join(projectDir, below);
  const isStaged = statSync(workflowPath, { throwIfNoEntry: false })?.isFile() ?? false;
  return isStaged ? { workflowPath, repoRoot: projectDir } : undefined;
}

/** What a person should know when {@link stagedLocation} finds nothing. */
export function notStaged(path: string): string {
  return `The workflow "${path}" is not staged: the one in the checkout is used`;
}
