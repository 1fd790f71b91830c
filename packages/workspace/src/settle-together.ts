/**
 * Waits for all of them, even after one failed, so that nothing goes on writing behind the caller's back.
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
  await Promise.allSettled(tasks as readonly Promise<unknown>[]);
  if (failures.length > 0) throw failures[0];
  return (await Promise.all(tasks as readonly Promise<unknown>[])) as unknown as T;
}
