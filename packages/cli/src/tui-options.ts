import type { JobId } from "@loom/core";
import type { Clock, Reporter, RunEnd } from "@loom/ports";
import type { RunHeading } from "@loom/reporters";
import type { Palette } from "@loom/reporters/view";
import type { FrameTarget } from "./terminal/frame-target.ts";
import type { KeyMap } from "./keys/remap-keys.ts";
import type { Keyboard, Terminal } from "./terminal/terminal.ts";
import type { TuiHost } from "./tui-host.ts";

/** What happens when the run is over: leave after a success and stay after a failure, always stay, or always leave. */
export type TuiExit = "auto" | "stay" | "now";

/** What the screen needs from the program. */
export interface TuiOptions {
  readonly stdout: Terminal;
  readonly stdin: Keyboard;
  readonly clock: Clock;
  readonly heading: RunHeading;
  /** Called for each request to cancel: in raw mode the terminal sends no signal for Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Absolute path of the run's folder. Without it there are no logs, and no path to a failure. */
  readonly runDirectory?: string | undefined;
  /** Absolute path that the receipt will have. */
  readonly receiptPath?: string | undefined;
  /** Absolute path of the project. Without it there are no past runs. */
  readonly root?: string | undefined;
  readonly host?: TuiHost | undefined;
  /** Where frames go. Default: the descriptor of `stdout`, without ever waiting for it. */
  readonly target?: FrameTarget | undefined;
  /** Default: no colours. */
  readonly palette?: Palette | undefined;
  /** Whether signs beyond ASCII are avoided. Default false. */
  readonly ascii?: boolean | undefined;
  /** Whether nothing moves but the clock. Default false. */
  readonly reducedMotion?: boolean | undefined;
  /** Milliseconds between asking jobs to end and killing them, for a countdown. Default: there is none. */
  readonly graceMs?: number | undefined;
  /** Which keys do what. Default: those of the documentation. */
  readonly keys?: KeyMap | undefined;
  /** Default `auto`. */
  readonly exit?: TuiExit | undefined;
  /** Whether a run of more than a minute ends with the bell. Default false. */
  readonly bell?: boolean | undefined;
  /** Whether a run of more than a minute ends with a notification of the desktop. Default false. */
  readonly notify?: boolean | undefined;
  /** Whether the window shows title and progress. Default false. */
  readonly window?: boolean | undefined;
}

/** A run on the screen of a terminal. */
export interface Tui extends Reporter {
  /**
   * Tells that the run is over. Resolves when the person has left the screen,
   * and the transcript is printed.
   */
  finish(end: RunEnd): Promise<void>;
  /** Leaves the screen as if `q` had been pressed; while the run goes on, does nothing. */
  quit(): void;
  /** Gives the terminal to the shell until the process is continued. */
  suspend(): Promise<void>;
  /**
   * Gives the terminal back. Synchronous and callable from any exit path; once
   * it was called, again does nothing. `finish` does it too.
   */
  close(): void;
  /** Resolves when the terminal has been given back. Never rejects. */
  readonly closed: Promise<void>;
  /** The jobs that the person asked to run again, when leaving. */
  readonly rerun: readonly JobId[] | undefined;
}

/** A past run on the screen. */
export interface RecordedOptions extends Omit<
  TuiOptions,
  "onInterrupt" | "heading" | "runDirectory" | "receiptPath"
> {
  /** Absolute path of its directory or its receipt; absent: the list of past runs. */
  readonly run?: string | undefined;
  /** Called when the person has left to run jobs again. Default: they are not. */
  readonly onRerun?: ((jobs: readonly JobId[]) => void) | undefined;
  /** Given what gives the terminal back, synchronously, on any exit path. Default: nobody asks for that. */
  readonly onScreen?: ((screen: Pick<Tui, "close" | "suspend">) => void) | undefined;
}
