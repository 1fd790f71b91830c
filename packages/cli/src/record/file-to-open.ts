import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { WorkspaceView } from "@loom/reporters/view";

/** Larger files are not compared, but count as different. Unit: bytes. */
const MAX_COMPARED_BYTES = 16 * 1024 * 1024;

/** A file that a line of output names. */
export interface NamedFile {
  /** Absolute path. */
  readonly path: string;
  /** Whether it is the snapshot's file, which the job saw, because the checkout's differs by now or is gone. */
  readonly isOfSnapshot: boolean;
}

/**
 * Finds the file that a job names: the checkout's, which the user edits, unless it differs from what the job saw.
 *
 * @param file - Relative to the project, or absolute.
 * @param root - Absolute path of the project.
 * @returns `undefined` if there is no such file.
 */
export function fileToOpen(
  file: string,
  root: string,
  workspace: WorkspaceView | undefined,
): NamedFile | undefined {
  const ours = resolve(root, file);
  const seen = workspace?.isSnapshot === true ? resolve(workspace.path, file) : ours;
  if (!isFile(seen)) return isFile(ours) ? { path: ours, isOfSnapshot: false } : undefined;
  return isSame(ours, seen) ? { path: ours, isOfSnapshot: false } : { path: seen, isOfSnapshot: true };
}

function isSame(ours: string, seen: string): boolean {
  if (ours === seen) return true;
  const size = sizeOf(ours);
  return (
    size !== undefined &&
    size <= MAX_COMPARED_BYTES &&
    size === sizeOf(seen) &&
    readFileSync(ours).equals(readFileSync(seen))
  );
}

function isFile(path: string): boolean {
  return sizeOf(path) !== undefined;
}

function sizeOf(path: string): number | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts?.isFile() === true ? facts.size : undefined;
}
