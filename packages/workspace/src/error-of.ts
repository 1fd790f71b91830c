import { systemErrorKind, systemErrorOf, systemErrorPath, systemErrorReason } from "@loom/system";
import { WorkspaceFault, type WorkspaceError, type WorkspaceErrorCode } from "./workspace-error.ts";

const WITHOUT_COPY = "or work in the folder itself with --in-place";

/** Advice for a full disk. */
export const SPACE_ADVICE: string = `Free some space, remove old workspaces with "loom clean", set XDG_CACHE_HOME to a folder on another disk, ${WITHOUT_COPY}`;

/** Advice for missing permissions. */
export const PERMISSION_ADVICE: string = `Give yourself access to it, set XDG_CACHE_HOME to your own folder if it is in the cache, ${WITHOUT_COPY}`;

/**
 * The error to show a user for something thrown underneath.
 *
 * @param doing - Completes "Cannot …".
 * @throws What was thrown, if neither the file system nor git caused it: a bug.
 */
export function errorOf(thrown: unknown, doing: string): WorkspaceError {
  if (thrown instanceof WorkspaceFault) return thrown.error;
  const error = systemErrorOf(thrown);
  const path = systemErrorPath(error);
  const kind = systemErrorKind(error);
  const about = path === undefined ? "" : ` at "${path}"`;
  const message = `Cannot ${doing}: ${systemErrorReason(error)}${about}. ${ADVICE[kind]}`;
  return { code: CODES[kind], message, ...(path !== undefined && { path }) };
}

const CODES = {
  full: "WORKSPACE_NO_SPACE",
  forbidden: "WORKSPACE_NOT_PERMITTED",
  other: "WORKSPACE_IO_FAILED",
} as const satisfies Record<string, WorkspaceErrorCode>;

const ADVICE = {
  full: SPACE_ADVICE,
  forbidden: PERMISSION_ADVICE,
  other: `Try again, ${WITHOUT_COPY}`,
} as const;
