import { splitGitRecords } from "@loom/system";

/** The NUL-terminated records that git prints with `-z`, one character per byte. */
export function splitRecords(output: Buffer): string[] {
  return splitGitRecords(output.toString("latin1"));
}
