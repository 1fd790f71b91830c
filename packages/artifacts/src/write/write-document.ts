import { replaceFile, systemErrorOf, type SystemError } from "@loom/system";
import { SYSTEM_DISK, type Disk } from "./disk.ts";

/**
 * Puts a document in its place, whole or not at all.
 *
 * @param disk - Default: the disk of this machine.
 * @returns The operating system's error when it could not; then nothing is left behind.
 */
export function writeDocument(path: string, text: string, disk: Disk = SYSTEM_DISK): SystemError | undefined {
  try {
    replaceFile(path, text, disk);
    return undefined;
  } catch (cause) {
    return systemErrorOf(cause);
  }
}
