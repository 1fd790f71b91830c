import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** What the name of the folder begins with in which a program makes its pipes. */
export function pipeFolderPrefix(pid: number): string {
  return `loom-pipes-${pid}-`;
}

/**
 * Removes the folders of a program that was killed while it made pipes; they
 * are there for some milliseconds only.
 *
 * @param tempFolder - Folder for short-lived files. Default: `/tmp`.
 */
export function removeLeftPipes(pid: number, tempFolder = "/tmp"): void {
  try {
    for (const name of readdirSync(tempFolder)) {
      if (name.startsWith(pipeFolderPrefix(pid)))
        rmSync(join(tempFolder, name), { recursive: true, force: true });
    }
  } catch {
    // What cannot be listed or removed belongs to somebody else.
  }
}
