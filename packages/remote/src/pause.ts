import type { Clock } from "@loom/ports";

/** Waits. @param ms - Milliseconds. */
export async function pause(clock: Pick<Clock, "after">, ms: number): Promise<void> {
  await new Promise<void>((resolve) => void clock.after(ms, resolve));
}

/** Waits until something is done, but no longer. @param ms - Milliseconds. */
export async function within(clock: Pick<Clock, "after">, ms: number, done: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  try {
    await Promise.race([done, late]);
  } finally {
    cancel();
  }
}
