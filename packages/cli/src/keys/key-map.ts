/** What a key does. */
export type Command =
  | "down"
  | "up"
  | "left"
  | "right"
  | "first"
  | "last"
  | "half_down"
  | "half_up"
  | "page_down"
  | "page_up"
  | "next_pane"
  | "enter"
  | "back"
  | "view_run"
  | "view_graph"
  | "view_time"
  | "view_failures"
  | "view_runs"
  | "search"
  | "next_match"
  | "previous_match"
  | "filter"
  | "follow"
  | "all_jobs"
  | "wrap"
  | "time"
  | "next_failure"
  | "previous_failure"
  | "next_error"
  | "previous_error"
  | "compact"
  | "critical"
  | "zoom_in"
  | "zoom_out"
  | "sort"
  | "mark"
  | "go_mark"
  | "open"
  | "copy_path"
  | "copy_text"
  | "rerun"
  | "compare"
  | "cancel"
  | "play"
  | "unpause"
  | "stream"
  | "mouse"
  | "help"
  | "quit"
  | "interrupt"
  | "suspend"
  | "repaint";

/** Where a key has a meaning. `log` includes the zoomed log and documents. */
export type KeyScope = "tree" | "log" | "graph" | "time" | "failures" | "runs";

/** A row of the key map: the keys of one command. */
export interface KeyBinding {
  /** Names of keys, such as `x`, `G`, `ctrl-f` or `pagedown`. */
  readonly keys: readonly string[];
  readonly command: Command;
  /** Where the keys work. Default: everywhere. */
  readonly where?: readonly KeyScope[];
  /** Text for the help. */
  readonly help: string;
  /** Text for the footer. Default: the footer does not name it. */
  readonly hint?: string;
  /** How the keys are written, separated by spaces. Default: their names. */
  readonly shown?: string;
}

/** The default key map, in the order of the help. Footers, help and documentation are made from it. */
export const KEY_MAP: readonly KeyBinding[] = [
  { keys: ["1"], command: "view_run", help: "run: jobs and their logs" },
  { keys: ["2"], command: "view_graph", help: "graph: what needs what" },
  { keys: ["3"], command: "view_time", help: "time: when each job ran" },
  { keys: ["4"], command: "view_failures", help: "failures: why a job failed" },
  { keys: ["5"], command: "view_runs", help: "runs: past runs" },
  { keys: ["j", "down"], command: "down", help: "down", shown: "j ↓" },
  { keys: ["k", "up"], command: "up", help: "up", shown: "k ↑" },
  { keys: ["h", "left"], command: "left", where: ["tree"], help: "close, or go to the parent", shown: "h ←" },
  { keys: ["l", "right"], command: "right", where: ["tree"], help: "open, or go inside", shown: "l →" },
  {
    keys: ["h", "left"],
    command: "left",
    where: ["log"],
    help: "shift long lines right; wrapped, up through the first one",
    shown: "h ←",
  },
  {
    keys: ["l", "right"],
    command: "right",
    where: ["log"],
    help: "shift long lines left; wrapped, down through the first one",
    shown: "l →",
  },
  { keys: ["h", "left"], command: "left", where: ["graph"], help: "to what it needs", shown: "h ←" },
  { keys: ["l", "right"], command: "right", where: ["graph"], help: "to what needs it", shown: "l →" },
  { keys: ["h", "left"], command: "left", where: ["time"], help: "earlier", shown: "h ←" },
  { keys: ["l", "right"], command: "right", where: ["time"], help: "later", shown: "l →" },
  { keys: ["g", "home"], command: "first", help: "first", shown: "g Home" },
  { keys: ["G", "end"], command: "last", help: "last; in a log: follow", shown: "G End" },
  { keys: ["ctrl-d"], command: "half_down", help: "half a page down", shown: "Ctrl-d" },
  { keys: ["ctrl-u"], command: "half_up", help: "half a page up", shown: "Ctrl-u" },
  { keys: ["pagedown", "space"], command: "page_down", help: "a page down", shown: "PgDn Space" },
  { keys: ["pageup", "b"], command: "page_up", help: "a page up", shown: "PgUp b" },
  {
    keys: ["tab", "shift-tab"],
    command: "next_pane",
    where: ["tree", "log"],
    help: "other pane",
    shown: "Tab",
    hint: "pane",
  },
  {
    keys: ["enter"],
    command: "enter",
    where: ["tree"],
    help: "open, or the log on the whole screen",
    shown: "Enter",
    hint: "zoom",
  },
  {
    keys: ["enter"],
    command: "enter",
    where: ["log"],
    help: "the log on the whole screen",
    shown: "Enter",
    hint: "zoom",
  },
  {
    keys: ["enter"],
    command: "enter",
    where: ["graph", "time"],
    help: "go to the job",
    shown: "Enter",
    hint: "job",
  },
  {
    keys: ["enter"],
    command: "enter",
    where: ["failures"],
    help: "show it in the log; a file: what is in it",
    shown: "Enter",
    hint: "show",
  },
  {
    keys: ["enter"],
    command: "enter",
    where: ["runs"],
    help: "look at this run",
    shown: "Enter",
    hint: "look at it",
  },
  { keys: ["escape"], command: "back", help: "out: one step back; never quits", shown: "Esc" },
  {
    keys: ["/"],
    command: "search",
    where: ["log"],
    help: "find in the whole log; /pattern/ for a regular expression",
    hint: "find",
  },
  {
    keys: ["/"],
    command: "search",
    where: ["tree", "graph", "time"],
    help: "find a job by a part of its name, or by its state as :failed",
    hint: "find job",
  },
  {
    keys: ["/", "&"],
    command: "filter",
    where: ["runs"],
    help: "filter: words, status: job: workflow:",
    shown: "/",
    hint: "filter",
  },
  { keys: ["n"], command: "next_match", where: ["tree", "log", "graph", "time"], help: "next match" },
  { keys: ["N"], command: "previous_match", where: ["tree", "log", "graph", "time"], help: "previous match" },
  {
    keys: ["&"],
    command: "filter",
    where: ["tree", "log"],
    help: "show matching lines only; !text inverts, err is stderr",
    hint: "filter",
  },
  { keys: ["f"], command: "follow", where: ["tree", "log"], help: "follow the end", hint: "follow" },
  { keys: ["}"], command: "next_error", where: ["tree", "log"], help: "next line that looks like an error" },
  {
    keys: ["{"],
    command: "previous_error",
    where: ["tree", "log"],
    help: "previous line that looks like an error",
  },
  { keys: ["w"], command: "wrap", where: ["tree", "log"], help: "wrap long lines" },
  { keys: ["t"], command: "time", where: ["tree", "log"], help: "time column: clock, since start, none" },
  { keys: ["m"], command: "mark", where: ["log"], help: "set a mark: m and a letter" },
  { keys: ["'"], command: "go_mark", where: ["log"], help: "go to a mark: ' and its letter" },
  { keys: ["]"], command: "next_failure", help: "next failed job" },
  { keys: ["["], command: "previous_failure", help: "previous failed job" },
  { keys: ["c"], command: "compact", where: ["tree"], help: "hide or show what Loom did around the steps" },
  {
    keys: ["c"],
    command: "critical",
    where: ["graph"],
    help: "critical path on or off",
    hint: "critical path",
  },
  { keys: ["+", "="], command: "zoom_in", where: ["time"], help: "longer bars", shown: "+", hint: "zoom" },
  { keys: ["-"], command: "zoom_out", where: ["time"], help: "shorter bars" },
  { keys: ["s"], command: "sort", where: ["time"], help: "by start or by duration", hint: "sort" },
  {
    keys: ["e"],
    command: "open",
    where: ["tree", "log", "failures", "runs"],
    help: "open in your editor or pager; at a found error: its file",
    hint: "open",
  },
  { keys: ["y"], command: "copy_path", help: "copy the path; yy: the absolute one", hint: "copy path" },
  {
    keys: ["Y"],
    command: "copy_text",
    where: ["tree", "log", "failures"],
    help: "copy the visible lines, or the failure report",
  },
  {
    keys: ["A"],
    command: "all_jobs",
    where: ["tree", "log"],
    help: "the log of all jobs in one; again: of the selected one",
    hint: "all jobs",
  },
  {
    keys: ["r"],
    command: "rerun",
    where: ["tree", "failures"],
    help: "once it is over: rerun failed jobs, or this one",
    hint: "rerun",
  },
  {
    keys: ["d"],
    command: "compare",
    where: ["runs"],
    help: "what differs from the run before it",
    hint: "compare",
  },
  { keys: ["x"], command: "cancel", help: "cancel the selected job, or the run; asks first" },
  { keys: ["p"], command: "play", help: "run the selected job, which waits to be asked for (manual)" },
  {
    keys: ["u"],
    command: "unpause",
    help: "how a held job goes on: retry, shell, let it fail; asks first",
    hint: "held",
  },
  { keys: ["S"], command: "stream", help: "leave the screen for a plain stream; any key returns" },
  { keys: ["M"], command: "mouse", help: "mouse on or off; on, select text with Shift held" },
  { keys: ["?"], command: "help", help: "this help", hint: "help" },
  { keys: ["q"], command: "quit", help: "quit; asks first during a run", hint: "quit" },
  { keys: ["ctrl-c"], command: "interrupt", help: "cancel the run; again: kill its jobs", shown: "Ctrl-C" },
  { keys: ["ctrl-z"], command: "suspend", help: "suspend", shown: "Ctrl-Z" },
  { keys: ["ctrl-l"], command: "repaint", help: "redraw the screen", shown: "Ctrl-L" },
];

/** The command of a key in a scope; `undefined` if it has none there. */
export function commandOf(key: string, context: KeyScope, map: readonly KeyBinding[]): Command | undefined {
  return map.find((row) => row.keys.includes(key) && isIn(row, context))?.command;
}

/** How the first key of a command is written; empty if it has none. */
export function shownKeyOf(command: Command, map: readonly KeyBinding[]): string {
  const row = map.find((each) => each.command === command);
  return row === undefined ? "" : shownKey(row);
}

/** How the first key of a row is written. */
export function shownKey({ shown, keys }: KeyBinding): string {
  return shown?.split(" ")[0] ?? keys[0] ?? "";
}

/** The keys that work in a scope, in the order of the map. */
export function bindingsOf(context: KeyScope, map: readonly KeyBinding[]): KeyBinding[] {
  return map.filter((row) => isIn(row, context));
}

function isIn(row: KeyBinding, context: KeyScope): boolean {
  return row.where === undefined || row.where.includes(context);
}
