import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { err, ok, type EventError, type Result } from "@loom/core";

/** Search path when the environment has no `PATH`. Source: POSIX `getconf PATH` on Linux and macOS. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/**
 * Finds a shell like `execvp`: a name on `PATH`, or a path as written.
 *
 * Relative entries of `PATH` are skipped: a job's shell must not depend on where Loom was started.
 *
 * @param path - The caller's `PATH`. Default: the system's usual folders.
 * @returns Its absolute path; or `shell_not_found`.
 */
export function findShell(shell: string, path: string = DEFAULT_PATH): Result<string, EventError> {
  if (shell.includes("/")) {
    const absolute = resolve(shell);
    if (isExecutableFile(absolute)) return ok(absolute);
    return err({
      code: "shell_not_found",
      message: `Cannot run host jobs: there is no executable file "${absolute}" to use as the shell`,
    });
  }
  for (const folder of path.split(":")) {
    if (!isAbsolute(folder)) continue;
    const candidate = join(folder, shell);
    if (isExecutableFile(candidate)) return ok(candidate);
  }
  return err({
    code: "shell_not_found",
    message: `Cannot run host jobs: there is no executable "${shell}" on PATH (${path}); install a POSIX shell or add its folder to PATH`,
  });
}

function isExecutableFile(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // An inaccessible folder or a non-executable file: not a shell, as for execvp.
    return false;
  }
}
