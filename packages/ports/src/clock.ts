import type { EpochMs } from "@loom/core";

/** Where time comes from. Never goes backwards, even when the machine's clock is set. */
export interface Clock {
  /** The present moment. */
  now(): EpochMs;
  /**
   * Calls back once after a delay, unless cancelled first.
   *
   * @param delayMs - Milliseconds, 0 or more.
   * @returns Cancels the call; has no effect once it was made.
   */
  after(delayMs: number, callback: () => void): () => void;
}
