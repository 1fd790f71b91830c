import type { Clock } from "@loom/ports";

/** Waits. @param ms - Milliseconds. */
export async function pause(clock: Pick<Clock, "after">, ms: number): Promise<void> {
  await new Promise<void>((resolve) => void clock.after(ms, resolve));
}
