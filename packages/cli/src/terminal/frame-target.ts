/** Where output for the terminal goes. */
export interface FrameTarget {
  /**
   * Sends text without blocking on a terminal that does not read. Calls do not overlap: the next one comes only
   * after `done`.
   *
   * @param done - Called when everything was sent, with `false`; or with `true` when the terminal is gone.
   */
  write(text: string, done: (gone: boolean) => void): void;
  /** Sends text synchronously, even while another write is in progress. For the exit of the process. */
  writeNow(text: string): void;
}
