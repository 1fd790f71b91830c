import { splitGitRecords } from "@loom/system";

/** The NUL-terminated records of what git printed with `-z`, one character a byte. */
export function splitRecords(output: Buffer): string[] {
  return splitGitRecords(output.toString("latin1"));
}
