/**
 * Waits for all promises, even after one rejects, so that nothing keeps writing after the call.
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
