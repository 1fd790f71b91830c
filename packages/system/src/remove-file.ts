import { unlinkSync } from "node:fs";
import { errnoCode } from "./system-error.ts";

/**
 * Removes a file or a link, if it is there.
 *
 * `rmSync` with `force` throws an error of Node's own for a folder, which nobody takes for one of the operating system.
 *
 * @throws The operating system's error; `EISDIR` or `EPERM` for a folder.
 */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if (errnoCode(cause) !== "ENOENT") throw cause;
  }
}
