import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The name prefix of the folder in which a program creates its pipes. */
export function pipeFolderPrefix(pid: number): string {
  return `loom-pipes-${pid}-`;
}

/**
 * Removes the folders of a program that was killed while it created pipes; they normally exist for only a few
 * milliseconds.
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
    // What cannot be listed or removed belongs to another user.
  }
}
