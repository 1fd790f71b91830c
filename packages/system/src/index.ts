export { nameOfTemporary, placeFile, replaceFile, type FileCalls } from "./atomic-file.ts";
export { createGit, type Git, type GitOptions } from "./create-git.ts";
export { parseGitStatus, splitGitRecords, type GitChange, type GitStatus } from "./git-status.ts";
export { runGit, type GitCall, type GitEnd } from "./run-git.ts";
export { inheritableEnvironment, type Environment } from "./inheritable-environment.ts";
export {
  currentProcess,
  processMarkOf,
  processState,
  readBootId,
  type ProcessMark,
  type ProcessState,
} from "./process-mark.ts";
export { readProcessStat, type ProcessStat } from "./process-stat.ts";
export { processView, type ProcessView } from "./process-view.ts";
export { signalName } from "./signal-name.ts";
export { listByPs, listByPsNow, parsePs, seeByPs, type PsProcess } from "./ps-processes.ts";
export { formatBytes } from "./format-bytes.ts";
export { howToInstall } from "./how-to-install.ts";
export { loadInstalled } from "./load-installed.ts";
export { makeDirectories } from "./make-directories.ts";
export { openRegularFile, readRegularFile } from "./open-regular-file.ts";
export { removeAll } from "./remove-all.ts";
export { removeFile } from "./remove-file.ts";
export { requireNode } from "./require-node.ts";
export { sizeOnDisk, type SizeOptions } from "./size-on-disk.ts";
export { createSystemClock } from "./system-clock.ts";
export { cacheHome, configHome } from "./user-folders.ts";
export {
  errnoCode,
  isAbsent,
  isSystemError,
  systemErrorKind,
  systemErrorOf,
  systemErrorPath,
  systemErrorReason,
  type SystemError,
} from "./system-error.ts";
export { isFolder, missingWorkspace } from "./workspace-folder.ts";
