import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** For how long the workers of a run whose process is gone wait for another one, unless something else is said. Milliseconds. */
const WAITED_FOR_MS = 600_000;

/** Bytes at the beginning of a run's stream that say what it was started with. */
const HEAD_BYTES = 16 * 1024;

/** Whether workers may still carry out jobs of a run whose process is gone, so that it is not to be closed yet. */
export function canGoOn(runDirectory: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(join(runDirectory, "events.jsonl"), "r");
    if (Date.now() - fstatSync(file).mtimeMs > WAITED_FOR_MS) return false;
    const head = Buffer.alloc(HEAD_BYTES);
    const length = readSync(file, head, 0, HEAD_BYTES, 0);
    return head.toString("utf8", 0, length).includes('"remote":true');
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
