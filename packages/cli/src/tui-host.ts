import type { RunReader } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import type { ChangesOptions } from "@loom/diagnosis";

/** What the screen asks of the process that it runs in. */
export interface TuiHost {
  /**
   * Opens a file where the person looks at files; the terminal is free for it.
   *
   * @param line - From 1.
   * @returns Resolves when the person is done: with what went wrong, if anything.
   */
  openFile(path: string, line: number): Promise<string | undefined>;
  /**
   * Puts a text on the clipboard of this machine.
   *
   * @returns Resolves to the name of the program that did it; `undefined` when none is there or could.
   */
  copy?(text: string): Promise<string | undefined>;
  /** Where the runs before a run are, and who knows the commits between; absent: failures are explained without them. */
  changes?(run: RunReader): Promise<ChangesOptions | undefined>;
  /** Whether the process of the run in this directory is alive; absent, or `undefined`: that is not known. */
  isAlive?(directory: string): boolean | undefined;
  /**
   * Asks a run that goes on, of this or another process, to cancel one job, or itself.
   *
   * @param directory - Absolute path of the run.
   * @returns Resolves to why it does not; absent: nobody can be asked.
   */
  cancel?(directory: string, job: JobId | undefined): Promise<string | undefined>;
  /** Stops this process until it is continued. The terminal has been given back. */
  suspend(): Promise<void>;
}
