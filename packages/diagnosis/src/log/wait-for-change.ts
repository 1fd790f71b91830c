import { watch, type FSWatcher } from "node:fs";

/**
 * Waits until something changes in one of these directories, or the time is over.
 *
 * A directory that cannot be watched, because it is not there or the system
 * gives no more watches, is left to the time.
 */
export async function waitForChange(
  directories: readonly string[],
  limit: { readonly ms: number; readonly signal?: AbortSignal },
): Promise<void> {
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let wake: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    wake = () => resolve();
    timer = setTimeout(wake, limit.ms);
    limit.signal?.addEventListener("abort", wake, { once: true });
    if (limit.signal?.aborted === true) wake();
    for (const directory of directories) {
      try {
        watchers.push(watch(directory, { persistent: false }, wake).on("error", () => undefined));
      } catch {
        // Left to the time.
      }
    }
  });
  clearTimeout(timer);
  limit.signal?.removeEventListener("abort", wake);
  for (const watcher of watchers) watcher.close();
}
