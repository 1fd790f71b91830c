import type { JobId } from "@loom/core";
import type { Clock, Reporter, RunEnd } from "@loom/ports";
import type { RunHeading } from "@loom/reporters";
import type { Palette } from "@loom/reporters/view";
import type { FrameTarget } from "./terminal/frame-target.ts";
import type { KeyMap } from "./keys/remap-keys.ts";
import type { Keyboard, Terminal } from "./terminal/terminal.ts";
import type { TuiHost } from "./tui-host.ts";

/**
 * What the screen does when the run is over: `stay` always stays, `now` always leaves. `auto` stays after a failure,
 * and after a success if the user has pressed a key, but leaves after the user has cancelled the run.
 */
export type TuiExit = "auto" | "stay" | "now";

/** Options of a screen. */
export interface TuiOptions {
  readonly stdout: Terminal;
  readonly stdin: Keyboard;
  readonly clock: Clock;
  readonly heading: RunHeading;
  /**
   * Called each time the user asks to cancel the run, such as with Ctrl-C, for which the terminal sends no signal in
   * raw mode. The second call asks to kill its jobs.
   */
  readonly onInterrupt: () => void;
  /** Absolute path of the run's folder. Without it there are no logs and no explanations of failures. */
  readonly runDirectory?: string | undefined;
  /** Absolute path that the receipt will have. */
  readonly receiptPath?: string | undefined;
  /** Absolute path of the project. Without it there are no past runs. */
  readonly root?: string | undefined;
  readonly host?: TuiHost | undefined;
  /** Where frames go. Default: the file descriptor of `stdout`, without blocking on it. */
  readonly target?: FrameTarget | undefined;
  /** Default: no colours. */
  readonly palette?: Palette | undefined;
  /** Whether to use ASCII signs only. Default false. */
  readonly ascii?: boolean | undefined;
  /** Whether to show no spinner. Default false. */
  readonly reducedMotion?: boolean | undefined;
  /** Milliseconds between asking jobs to end and killing them, for a countdown. Default: no countdown. */
  readonly graceMs?: number | undefined;
  /** Which keys do what, from `remapKeys`. Default: the keys of docs/terminal.md. */
  readonly keys?: KeyMap | undefined;
  /** What to do when the run is over. Default `auto`. */
  readonly exit?: TuiExit | undefined;
  /** Whether to ring the bell at the end of a run of at least a minute. Default false. */
  readonly bell?: boolean | undefined;
  /** Whether to show a desktop notification at the end of a run of at least a minute. Default false. */
  readonly notify?: boolean | undefined;
  /** Whether to set the window's title and progress. Default false. */
  readonly window?: boolean | undefined;
  /**
   * Whether paths of evidence are links, and links that jobs print are kept with their colours: only for a terminal that
   * is known to have links. Default false.
   */
  readonly links?: boolean | undefined;
}

/** A live run on the screen. */
export interface Tui extends Reporter {
  /** Ends the run. Resolves when the user has left the screen, and the transcript is printed. */
  finish(end: RunEnd): Promise<void>;
  /** Leaves the screen, like `q` after the run. Does nothing while the run is not over. */
  quit(): void;
  /** Gives the terminal to the shell until the process is continued. Does nothing without a `host`. */
  suspend(): Promise<void>;
  /**
   * Gives the terminal back. Synchronous, and safe on any exit path; further calls do nothing. `finish` calls it,
   * too.
   */
  close(): void;
  /** Resolves when the terminal has been given back. Never rejects. */
  readonly closed: Promise<void>;
  /** The jobs that the user asked to rerun when leaving; `undefined` for none. */
  readonly rerun: readonly JobId[] | undefined;
}

/** Options of a screen for past runs. */
export interface RecordedOptions extends Omit<
  TuiOptions,
  "onInterrupt" | "heading" | "runDirectory" | "receiptPath"
> {
  /** Absolute path of the run's folder or its receipt. Default: the list of past runs is shown. */
  readonly run?: string | undefined;
  /** Called with the jobs to rerun after the user has left the screen for that. */
  readonly onRerun?: ((jobs: readonly JobId[]) => void) | undefined;
  /** Called once with the screen, so that the caller can close it on any exit path, and suspend it. */
  readonly onScreen?: ((screen: Pick<Tui, "close" | "suspend">) => void) | undefined;
}
