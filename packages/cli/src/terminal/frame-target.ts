/** Where bytes for the terminal go. */
export interface FrameTarget {
  /**
   * Sends text without waiting for a terminal that does not read. One call at
   * a time: the next one only after `done`.
   *
   * @param done - Called when all of it has left; `true` when the terminal has gone.
   */
  write(text: string, done: (gone: boolean) => void): void;
  /** Sends text now, whatever is under way. For the way out of a process. */
  writeNow(text: string): void;
}
