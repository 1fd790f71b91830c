/**
 * Waits for all of them, also after one failed, so that nothing goes on writing behind the caller's back.
 *
 * @param giveUp - Called at the first rejection.
 * @returns Their values. Rejects with the first rejection.
 */
export async function settleTogether<T extends readonly unknown[]>(
  tasks: readonly [...{ [K in keyof T]: Promise<T[K]> }],
  giveUp: () => void,
): Promise<T> {
  const failures: unknown[] = [];
  for (const task of tasks) {
    task.catch((thrown: unknown) => {
      failures.push(thrown);
      giveUp();
    });
  }
  const settled = await Promise.allSettled(tasks);
  if (failures.length > 0) throw failures[0];
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
