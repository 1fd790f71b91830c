import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errnoCode } from "./system-error.ts";

/**
 * Creates a directory and its missing parents; an existing one is fine.
 *
 * Node's own way asks again without end where a file system refuses a
 * directory with ENOENT, as `/proc` does.
 *
 * @param path - Absolute.
 * @param mode - Of each directory that is created. Default: what the umask leaves of 0777.
 * @throws The operating system's error.
 */
export function makeDirectories(path: string, mode?: number): void {
  try {
    makeOne(path, mode);
  } catch (cause) {
    const above = dirname(path);
    if (errnoCode(cause) !== "ENOENT" || above === path) throw cause;
    makeDirectories(above, mode);
    makeOne(path, mode);
  }
}

function makeOne(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, { ...(mode !== undefined && { mode }) });
  } catch (cause) {
    const isThere = errnoCode(cause) === "EEXIST" && statSync(path).isDirectory();
    if (!isThere) throw cause;
  }
}
