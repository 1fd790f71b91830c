/**
 * How running work is asked to stop: first politely, then by force.
 *
 * Whoever runs a process sends its whole group SIGTERM when `terminate`
 * aborts, SIGKILL `graceMs` later, and SIGKILL at once when `kill` aborts.
 */
export interface StopRequest {
  readonly terminate: AbortSignal;
  readonly kill: AbortSignal;
  /** Milliseconds between SIGTERM and SIGKILL, 0 or more. */
  readonly graceMs: number;
}

/**
 * How long a process may keep running after it was asked to stop, before it is killed.
 *
 * Unit: milliseconds, counted from the delivery of SIGTERM.
 * Source: `docker stop` waits 10 s by default, so a job behaves alike on every provider.
 */
export const TERMINATION_GRACE_MS = 10_000;
