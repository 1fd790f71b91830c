import { formatDuration, type RunStatus } from "@loom/core";
import type { Tone } from "../text/palette.ts";
import type { JobTally, RunView } from "../view/run-view.ts";
import type { TextStyle } from "./text-style.ts";

const STATUS_TONES: { readonly [S in RunStatus]: Tone } = {
  success: "success",
  failure: "failed",
  cancelled: "cancelled",
};

/** The words of the summary, in its order. */
const COUNTED: readonly (readonly [keyof JobTally, string])[] = [
  ["success", "success"],
  ["failed", "failed"],
  ["failedAllowed", "failed (allowed)"],
  ["blocked", "blocked"],
  ["skipped", "skipped"],
  ["cancelled", "cancelled"],
  ["notSelected", "not selected"],
  ["kept", "kept"],
];

/** How a run ended, in a line: `failure  4 success, 1 failed, 3 blocked  1:24`. */
export function summaryLine(style: TextStyle, view: RunView, status: RunStatus): string {
  const counted = COUNTED.filter(([key]) => view.counts[key] > 0).map(
    ([key, word]) => `${view.counts[key]} ${word}`,
  );
  const { startedAtMs, finishedAtMs } = view;
  const parts = [style.palette.paint(STATUS_TONES[status], status)];
  if (counted.length > 0) parts.push(counted.join(", "));
  if (startedAtMs !== undefined && finishedAtMs !== undefined)
    parts.push(formatDuration(finishedAtMs - startedAtMs));
  return parts.join("  ");
}
