import { dirname, join, basename } from "node:path";
import { systemErrorOf, type SystemError } from "@loom/system";
import { SYSTEM_DISK, type Disk } from "./disk.ts";

/**
 * Puts a document in its place, whole or not at all: under another name in the
 * same directory first, then renamed.
 *
 * @param disk - Default: the disk of this machine.
 * @returns The operating system's error when it could not; then nothing is left behind.
 */
export function writeDocument(path: string, text: string, disk: Disk = SYSTEM_DISK): SystemError | undefined {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    disk.writeFile(temporary, text);
    disk.rename(temporary, path);
    return undefined;
  } catch (cause) {
    const error = systemErrorOf(cause);
    removeQuietly(disk, temporary);
    return error;
  }
}

/** The failure to report is the one that led here, not that of tidying up after it. */
function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch (cause) {
    systemErrorOf(cause);
  }
}
