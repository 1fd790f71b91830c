import { statSync } from "node:fs";
import type { EventError } from "@loom/core";

/** The error for a job whose workspace is not a folder. */
export function missingWorkspace(workspaceRoot: string): EventError {
  return {
    code: "workspace_missing",
    message: `Cannot run in the workspace "${workspaceRoot}": it is not a folder that exists`,
  };
}

/** Whether there is a folder at `path`. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Inside an inaccessible folder, which for a step is the same as missing.
    return false;
  }
}
