import type { RunReader } from "@loom/artifacts";
import type { JobId, ResumeHow } from "@loom/core";
import type { ChangesOptions } from "@loom/diagnosis";

/** What the screen needs from the process that it runs in. */
export interface TuiHost {
  /**
   * Opens a file in the user's editor or pager, which may use the terminal.
   *
   * @param path - Absolute.
   * @param line - From 1.
   * @returns Resolves when the user is done: with `undefined`, or with what went wrong.
   */
  openFile(path: string, line: number): Promise<string | undefined>;
  /**
   * Copies a text to the clipboard of this machine. Default: only the terminal is asked to copy.
   *
   * @returns Resolves to the name of the program that did it; to `undefined` if no program could.
   */
  copy?(text: string): Promise<string | undefined>;
  /**
   * Returns where the runs before a run are, and access to the commits between. Default: failures are explained
   * without them.
   */
  changes?(run: RunReader): Promise<ChangesOptions | undefined>;
  /**
   * Whether the process of a run is alive; `undefined` if unknown. Default: always unknown.
   *
   * @param directory - Absolute path of the run's folder.
   */
  isAlive?(directory: string): boolean | undefined;
  /**
   * Asks a running run, of this or another process, to cancel one job, or itself. Default: nothing can be cancelled
   * this way.
   *
   * @param directory - Absolute path of the run's folder.
   * @param job - `undefined`: the whole run.
   * @returns Resolves to `undefined`, or to why the run refuses or cannot be reached.
   */
  cancel?(directory: string, job: JobId | undefined): Promise<string | undefined>;
  /**
   * Asks a running run for a job that waits to be asked for. Default: none can be played this way.
   *
   * @param directory - Absolute path of the run's folder.
   * @returns Resolves to `undefined`, or to why the run refuses or cannot be reached.
   */
  play?(directory: string, job: JobId): Promise<string | undefined>;
  /**
   * Says how a job goes on that is held after a step that failed. Default: none can be continued this way.
   *
   * @param directory - Absolute path of the run's folder.
   * @returns Resolves to `undefined`, or to why the run refuses or cannot be reached.
   */
  resume?(directory: string, job: JobId, how: ResumeHow): Promise<string | undefined>;
  /**
   * Opens a shell in the place of a job that is held. It has the terminal, and its Ctrl-C, until it ends. Default: none
   * can be opened.
   *
   * @param directory - Absolute path of the run's folder.
   * @returns Resolves when the user is done: with `undefined`, or with why there is none.
   */
  openShell?(directory: string, job: JobId): Promise<string | undefined>;
  /** Suspends this process, and resolves once it is continued. The screen has given the terminal back before. */
  suspend(): Promise<void>;
}
