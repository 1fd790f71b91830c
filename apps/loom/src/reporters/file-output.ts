import { closeSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { err, ok, type Result } from "@loom/core";
import type { TextOutput } from "@loom/reporters";
import { makeDirectories, systemErrorOf, systemErrorReason } from "@loom/system";

/** Text that goes into a file. */
export interface FileOutput extends TextOutput {
  close(): void;
}

/**
 * Opens a file for what a reporter prints; one that is there is replaced.
 *
 * @param path - Absolute. Folders above it are made.
 * @param onFailure - Told once when something cannot be written, with the cause; the rest is left out.
 * @returns Why the file cannot be opened, as a clause.
 */
export function openFileOutput(
  path: string,
  onFailure: (reason: string) => void,
): Result<FileOutput, string> {
  let file: number | undefined;
  try {
    makeDirectories(dirname(path));
    file = openSync(path, "w");
  } catch (cause) {
    return err(systemErrorReason(systemErrorOf(cause)));
  }
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return ok({
    write: (text) => {
      if (file === undefined) return;
      try {
        const bytes = Buffer.from(text);
        for (let from = 0; from < bytes.length;) from += writeSync(file, bytes, from);
      } catch (cause) {
        close();
        onFailure(systemErrorReason(systemErrorOf(cause)));
      }
    },
    close,
  });
}
