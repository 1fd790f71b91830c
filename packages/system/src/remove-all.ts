import { rmSync } from "node:fs";
import { errnoCode } from "./system-error.ts";

/**
 * Removes what is at a path, with everything below it. Nothing is there: fine, also where a part of the path is no folder.
 *
 * `rmSync` with `force` throws `ENOTDIR` for the latter in Node 22.
 *
 * @throws The operating system's error.
 */
export function removeAll(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    if (errnoCode(cause) !== "ENOTDIR") throw cause;
  }
}
