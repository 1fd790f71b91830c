import type { JobId, RunId } from "@loom/core";

/** The five views. */
export type ViewName = "run" | "graph" | "time" | "failures" | "runs";

/** What the time column of a log shows: nothing, the time of day, or the time since the first line. */
export type TimeColumn = "none" | "clock" | "since";

/** The scroll position in one log. Rows are those of the whole log, from 0, whatever the filter shows of them. */
export interface LogPosition {
  /** Whether the end stays visible. */
  readonly follow: boolean;
  /** The first visible row when not following, or a row before it that the filter hides. */
  readonly top: number;
  /** How far long lines are shifted to the left. Unit: cells. */
  readonly shift: number;
  /** How many rows the log had when following was paused. */
  readonly seen: number;
  /** The row that was jumped to. */
  readonly current?: number;
}

/** A box that is drawn over a view. */
export type Overlay =
  | { readonly kind: "help"; readonly filter: string; readonly top: number }
  | { readonly kind: "quit" }
  /** A text to read, as finished lines. */
  | { readonly kind: "text"; readonly title: string; readonly lines: readonly string[]; readonly top: number }
  /** Asks what to cancel: the run, or `job`, the selected one, if it is running. */
  | { readonly kind: "cancel"; readonly job?: JobId }
  /**
   * Asks how a job goes on that is held. `openedAtMs`: when it opened by itself; absent if a key opened it. Unix time
   * in milliseconds.
   */
  | { readonly kind: "held"; readonly job: JobId; readonly openedAtMs?: number }
  | { readonly kind: "rerun"; readonly jobs: readonly JobId[] };

/** A log or a document on the whole screen. */
export type Zoom =
  | { readonly kind: "log" }
  | { readonly kind: "document"; readonly path: string; readonly title: string };

/** A line that the user is typing. */
export interface Prompt {
  readonly kind: "search" | "filter" | "runs" | "job";
  readonly text: string;
  /** For a job search: the key of the row that the user had selected before, if any. */
  readonly picked?: string;
}

/** Everything the user did to the screen. Plain values; `reduceKey` returns the next state. */
export interface UiState {
  readonly view: ViewName;
  /** The views that Esc leads back to; the next one is the last. */
  readonly previous: readonly ViewName[];
  readonly pane: "tree" | "log";
  readonly zoom?: Zoom;
  /** The key of the row of the tree that the user selected; absent: the selection is automatic. */
  readonly picked?: string;
  /** Rows of the tree that the user opened (`true`) or closed, by key. */
  readonly opened: ReadonlyMap<string, boolean>;
  /** Whether successful sections are left out of the tree. */
  readonly compact: boolean;
  /** By the key of the log. Default: {@link FOLLOWING}. */
  readonly logs: ReadonlyMap<string, LogPosition>;
  /** Rows of whole logs, by the key of the log, a space and the letter of the mark. */
  readonly marks: ReadonlyMap<string, number>;
  /** Whether the run view shows the log of all jobs, until something is selected. */
  readonly allJobs: boolean;
  readonly wrap: boolean;
  readonly time: TimeColumn;
  readonly search: string;
  /** The last job search. */
  readonly jobSearch: string;
  readonly filter: string;
  readonly prompt?: Prompt;
  readonly overlay?: Overlay;
  /** The first of two keys has been pressed: the next one completes the command. */
  readonly pending?: "mark" | "go" | "copy";
  readonly mouse: boolean;
  /** Which failure the failure view shows, from 0. */
  readonly failure: number;
  /** Which of its errors and files is selected, from 0. */
  readonly step: number;
  /** First visible line of its output, from 0; absent: so that the first error is visible. */
  readonly excerptTop?: number;
  readonly critical: boolean;
  readonly timeZoom: number;
  readonly timePan: number;
  readonly timeSort: "start" | "duration";
  /** The selected run in the list; absent: the first one. */
  readonly run?: RunId;
  readonly runsFilter: string;
  /** The jobs, each with its attempt, whose being held has opened a dialog. */
  readonly offered: ReadonlySet<string>;
  /** A message about the last key. */
  readonly notice?: string;
  /** How often the user asked the run to stop. */
  readonly interrupts: number;
  /** Whether any key has been pressed. */
  readonly touched: boolean;
}

/** The state before the first key. */
export const UNTOUCHED: UiState = {
  view: "run",
  previous: [],
  pane: "tree",
  opened: new Map(),
  compact: true,
  logs: new Map(),
  marks: new Map(),
  allJobs: false,
  wrap: false,
  time: "clock",
  search: "",
  jobSearch: "",
  filter: "",
  mouse: false,
  failure: 0,
  step: 0,
  critical: true,
  timeZoom: 1,
  timePan: 0,
  timeSort: "start",
  runsFilter: "",
  offered: new Set(),
  interrupts: 0,
  touched: false,
};

/** The position of a log that was not scrolled. */
export const FOLLOWING: LogPosition = { follow: true, top: 0, shift: 0, seen: 0 };
