import type { EndedProcesses, StepCommand } from "@loom/ports";
import type { Shell } from "../posix-shell.ts";
import type { Grace } from "./end-processes.ts";

/** Tracks what the steps of one job leave running, and ends it. */
export interface JobTracker {
  /**
   * What to start so that a program is traceable wherever it moves.
   *
   * @param isPlain - Whether the program is that shell, its last argument the script, and commands are not printed before they run.
   */
  commandOf(shell: Shell, command: StepCommand, isPlain: boolean): StepCommand;
  /** Absolute path of a list that a process writes itself into to be traceable wherever it moves, in place of the above. */
  readonly members?: string | undefined;
  /**
   * Records the shell of a step, which leads a group.
   *
   * @param sinceMs - `performance.now()` before it was started.
   */
  started(pid: number, sinceMs: number): void;
  /**
   * Records that the shell of a step has ended.
   *
   * @param groupLeft - Whether its group still has members, and so keeps its id.
   */
  shellEnded(pid: number, groupLeft: boolean): void;
  /** Records that a group has no more members; its id may be reused. */
  groupEnded(pid: number): void;
  /** Records what the running step has started, before it is ended, as the parents end first. */
  poll(): void;
  /**
   * Ends everything that still runs, once the shells of all steps have ended.
   *
   * @param grace - Default: the grace of leftover processes.
   */
  end(grace?: Grace): Promise<EndedProcesses>;
}
