import type { JobId } from "@loom/core";

/** The five views. */
export type ViewName = "run" | "graph" | "time" | "failures" | "runs";

/** What stands before a line of a log. */
export type TimeColumn = "none" | "clock" | "since";

/** Where a person stands in one log. */
export interface LogPosition {
  /** The end stays in sight. */
  readonly follow: boolean;
  /** First row in sight when not following, from 0. */
  readonly top: number;
  /** Cells cut off on the left. */
  readonly shift: number;
  /** How many rows there were when following ended. */
  readonly seen: number;
  /** The row that was jumped to. */
  readonly current?: number;
}

/** What is drawn over a view. */
export type Overlay =
  | { readonly kind: "help"; readonly filter: string; readonly top: number }
  | { readonly kind: "quit" }
  /** A text to read: lines as they are shown. */
  | { readonly kind: "text"; readonly title: string; readonly lines: readonly string[]; readonly top: number }
  /** What to cancel: the job, where one is selected that runs, or the run. */
  | { readonly kind: "cancel"; readonly job?: JobId }
  | { readonly kind: "rerun"; readonly jobs: readonly JobId[] };

/** A log or a document on the whole screen. */
export type Zoom =
  | { readonly kind: "log" }
  | { readonly kind: "document"; readonly path: string; readonly title: string };

/** A line that a person types. */
export interface Prompt {
  readonly kind: "search" | "filter" | "runs" | "job";
  readonly text: string;
  /** The row that was selected when it began; only of a search for a job, where it was chosen by hand. */
  readonly picked?: string;
}

/** Everything a person did to the screen. Plain values; `reduceKey` makes the next one. */
export interface UiState {
  readonly view: ViewName;
  /** Where Esc leads back to. */
  readonly previous: readonly ViewName[];
  readonly pane: "tree" | "log";
  readonly zoom?: Zoom;
  /** The row of the tree that was chosen by hand. */
  readonly picked?: string;
  /** Rows of the tree that were opened or closed by hand. */
  readonly opened: ReadonlyMap<string, boolean>;
  /** Whether sections that ended well are left out of the tree. */
  readonly compact: boolean;
  readonly logs: ReadonlyMap<string, LogPosition>;
  readonly marks: ReadonlyMap<string, number>;
  readonly wrap: boolean;
  readonly time: TimeColumn;
  readonly search: string;
  /** The last job that was searched for. */
  readonly jobSearch: string;
  readonly filter: string;
  readonly prompt?: Prompt;
  readonly overlay?: Overlay;
  /** The first key of two. */
  readonly pending?: "mark" | "go" | "copy";
  readonly mouse: boolean;
  /** Which failure the failure view is about, and which of its errors and files is chosen. */
  readonly failure: number;
  readonly step: number;
  /** First line in sight of its output; absent: so that the first error is in sight. */
  readonly excerptTop?: number;
  readonly critical: boolean;
  readonly timeZoom: number;
  readonly timePan: number;
  readonly timeSort: "start" | "duration";
  readonly run: number;
  readonly runsFilter: string;
  /** What the last key did, in words. */
  readonly notice?: string;
  /** How often the run was asked to stop. */
  readonly interrupts: number;
  /** Whether any key was pressed. */
  readonly touched: boolean;
}

/** The screen before anyone touched it. */
export const UNTOUCHED: UiState = {
  view: "run",
  previous: [],
  pane: "tree",
  opened: new Map(),
  compact: true,
  logs: new Map(),
  marks: new Map(),
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
  run: 0,
  runsFilter: "",
  interrupts: 0,
  touched: false,
};

/** A log that nobody scrolled. */
export const FOLLOWING: LogPosition = { follow: true, top: 0, shift: 0, seen: 0 };
