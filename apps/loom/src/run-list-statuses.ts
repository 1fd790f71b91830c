import type { PastRun } from "@loom/diagnosis";

/** How a run in the list may stand. */
export const RUN_LIST_STATUSES = [
  "success",
  "failure",
  "cancelled",
  "interrupted",
  "running",
] as const satisfies readonly PastRun["status"][];
