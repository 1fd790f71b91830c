import { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, basename } from "node:path";
import { FILE_MODE } from "../layout/run-files.ts";
import { systemErrorOf, type SystemError } from "./write-error.ts";

/**
 * Puts a document in its place, whole or not at all: under another name in the
 * same directory first, then renamed.
 *
 * @returns The operating system's error when it could not; then nothing is left behind.
 */
export function writeDocument(path: string, text: string): SystemError | undefined {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text, { mode: FILE_MODE });
    renameSync(temporary, path);
    return undefined;
  } catch (cause) {
    const error = systemErrorOf(cause);
    removeQuietly(temporary);
    return error;
  }
}

/** The failure to report is the one that led here, not that of tidying up after it. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    systemErrorOf(cause);
  }
}
