/** Resolves after some milliseconds. Avoids `node:timers/promises`, as loading it would slow down every run. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
