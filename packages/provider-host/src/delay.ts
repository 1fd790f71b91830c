/** Resolves after some milliseconds. Not `node:timers/promises`, whose loading every run would pay for. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
