import type { EventError } from "@loom/core";
import { errnoCode, isFolder, missingWorkspace } from "@loom/system";

/** The process that failed to start. */
export interface FailedStart {
  /** Absolute path of the program. */
  readonly command: string;
  readonly script: string;
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Explains why the operating system would not start a process.
 *
 * @param error - What `spawn` threw or emitted.
 */
export function startFailure(error: unknown, start: FailedStart): EventError {
  const errno = errnoCode(error) ?? "";
  const reason = error instanceof Error ? error.message : String(error);
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
      // The kernel also returns ENOENT for a missing working directory.
      if (!isFolder(start.cwd)) return missingWorkspace(start.cwd);
      return {
        code: "shell_not_found",
        message: `Cannot start the step: the shell "${start.command}" no longer exists`,
      };
    case "EACCES":
    case "EPERM":
      return {
        code: "step_not_permitted",
        message: `Cannot start the step: no permission to run "${start.command}" in "${start.cwd}" (${errno})`,
      };
    case "E2BIG":
      return {
        code: "step_too_large",
        message: `Cannot start the step: its script and its variables are longer than the operating system accepts (E2BIG). ${largestPart(start)}`,
      };
    case "EAGAIN":
    case "ENOMEM":
    case "EMFILE":
    case "ENFILE":
      return {
        code: "machine_exhausted",
        message: `Cannot start the step: the machine is out of ${RESOURCES[errno]} (${errno}); lower --concurrency or raise the limit`,
      };
    default:
      return { code: "step_not_started", message: `Cannot start the step: ${reason}` };
  }
}

/** The largest part of a step that is too large, and what to do about it. */
function largestPart({ script, env }: FailedStart): string {
  const sizes = Object.entries(env).map(
    ([name, value]) => [name, Buffer.byteLength(name) + Buffer.byteLength(value ?? "")] as const,
  );
  const all = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  const [name, bytes] = sizes.reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0] as const);
  const scriptBytes = Buffer.byteLength(script);
  if (scriptBytes > bytes) {
    return `The script has ${scriptBytes} bytes: put it into a file of the repository and run that`;
  }
  return `The variable ${name} has ${bytes} bytes of ${all}: put its value into a file, or shorten it`;
}

const RESOURCES = {
  EAGAIN: "processes",
  ENOMEM: "memory",
  EMFILE: "open files for one process",
  ENFILE: "open files",
};
