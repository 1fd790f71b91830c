import type { EventError } from "@loom/core";

/** An error that the operating system answered. */
export interface SystemError extends Error {
  /** Name such as `ENOSPC`. */
  readonly code: string;
}

/**
 * The operating system's error in what was caught.
 *
 * @throws What was caught, when it is something else: a bug, not a full disk.
 */
export function systemErrorOf(cause: unknown): SystemError {
  if (cause instanceof Error && "syscall" in cause && "code" in cause && typeof cause.code === "string") {
    return cause as SystemError;
  }
  throw cause;
}

/** What to tell when evidence cannot be written: the file and the cause. */
export function writeError(path: string, cause: SystemError): EventError {
  return {
    code: "ARTIFACTS_WRITE_FAILED",
    message: `Cannot write "${path}": ${describeSystemError(cause)}`,
  };
}

/** The cause in words and by name: `no space left on device (ENOSPC)`. */
export function describeSystemError(cause: SystemError): string {
  // Node's message is `ENOSPC: no space left on device, write`.
  const words = /^[A-Z0-9]+: ([^,]+)/.exec(cause.message)?.[1] ?? cause.message;
  return `${words} (${cause.code})`;
}
