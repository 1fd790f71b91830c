import type { EventError } from "./event.ts";
import type { JobId } from "./ids.ts";
import type { RunStatus } from "./vocabulary.ts";

/** How a run ended. */
export interface RunResult {
  readonly status: RunStatus;
  /** 0 success, 1 failure, 129, 130 or 143 cancelled by SIGHUP, SIGINT or SIGTERM (128 + the signal's number). */
  readonly exitCode: number;
  /** Why it is not a success; absent when it is. */
  readonly error?: EventError & { readonly jobId?: JobId };
  /** The blocking failures, in the order in which they finished. */
  readonly failedJobIds: readonly JobId[];
}

/** Exit codes of a cancelled run: 128 + the number of the signal, as shells report it. */
export const SIGNAL_EXIT_CODES: { readonly SIGHUP: 129; readonly SIGINT: 130; readonly SIGTERM: 143 } = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};
