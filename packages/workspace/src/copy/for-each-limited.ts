/**
 * Calls a function for each item, with limited concurrency.
 *
 * After the first rejection no more are started; rejects with it once those in flight have settled.
 *
 * @param limit - Maximum in flight. Node copies with four threads; a few more keep them busy.
 */
export async function forEachLimited<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<void>,
  limit = 16,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      if (failures.length > 0) return;
      try {
        await act(next.value);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
}
