import type { StopRequest } from "@loom/ports";

/** A stop request that the test holds. */
export interface StopSwitch {
  readonly request: StopRequest;
  terminate(): void;
  kill(): void;
}

/**
 * Makes a stop request.
 *
 * @param graceMs - Milliseconds between SIGTERM and SIGKILL. Default: a minute,
 *   so that a test which forgets it hangs instead of passing by luck.
 */
export function createStopSwitch(graceMs: number = 60_000): StopSwitch {
  const terminate = new AbortController();
  const kill = new AbortController();
  return {
    request: { terminate: terminate.signal, kill: kill.signal, graceMs },
    terminate: () => terminate.abort(),
    kill: () => kill.abort(),
  };
}
