/** Whether a path, relative to what is snapshotted, is evidence of runs: a `.loom/.runtime` or below one. */
export function isRuntimePath(path: string): boolean {
  return /(?:^|\/)\.loom\/\.runtime(?:\/|$)/.test(path);
}
