import type { FailedJobView, RunView } from "../view/run-view.ts";
import { listWindow, type ListWindow } from "./list-window.ts";
import type { ScreenState } from "./screen-state.ts";
import type { ScreenSize } from "./terminal/terminal.ts";

/** Everything that one frame shows. Its parts never need more rows than there are. */
export interface ScreenLayout {
  /** Too small for parts: one line says it all. */
  readonly tiny: boolean;
  /** Rows of the list. */
  readonly listHeight: number;
  readonly list: ListWindow;
  /** Absent while nothing failed, or where there is no room. */
  readonly excerpt?: { readonly job: FailedJobView; readonly lines: readonly string[] };
}

/** Below this size there is one line. Source: tui part 5. */
const TINY = { columns: 20, rows: 5 } as const;

/** Header, rule and footer. */
const FRAME_ROWS = 3;

/** The list keeps at least this much. */
const LEAST_LIST_ROWS = 4;

/** Share of the screen that the last lines of a failed job get at most. */
const EXCERPT_SHARE = 0.4;

/** Divides the screen. */
export function screenLayout(view: RunView, size: ScreenSize, state: ScreenState): ScreenLayout {
  const tiny = size.columns < TINY.columns || size.rows < TINY.rows;
  if (tiny) return { tiny, listHeight: 0, list: listWindow(view, 0, state.scroll) };
  const room = size.rows - FRAME_ROWS;
  const job = firstFailure(view);
  // Two more rows: a rule and a title.
  const mostLines = Math.min(Math.floor(size.rows * EXCERPT_SHARE), room - LEAST_LIST_ROWS) - 2;
  if (job === undefined || mostLines < 0) {
    return { tiny, listHeight: room, list: listWindow(view, room, state.scroll) };
  }
  const lines = mostLines === 0 ? [] : job.failure.lines.slice(-mostLines);
  const listHeight = room - lines.length - 2;
  return { tiny, listHeight, list: listWindow(view, listHeight, state.scroll), excerpt: { job, lines } };
}

function firstFailure(view: RunView): FailedJobView | undefined {
  const job = view.jobs.find((candidate) => candidate.jobId === view.firstFailureId);
  return job?.status === "failed" ? job : undefined;
}
