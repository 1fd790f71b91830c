import { err, ok, type Result } from "@loom/core";
import type { OutputError } from "./choose-output.ts";

/** What the values of `--reporter` ask for. */
export interface RequestedReporters {
  /** What prints where the user looks; absent: what would without the flag. */
  readonly onScreen?: string;
  /** What writes files, in the order of the command line. */
  readonly inFiles: readonly ReporterInFile[];
}

/** A reporter that writes a file. */
export interface ReporterInFile {
  /** A word of the table, or a module. */
  readonly reporter: string;
  /** As it was given. */
  readonly file: string;
}

/**
 * Reads the values of `--reporter`: `NAME`, or `NAME=FILE`.
 *
 * @returns `CLI_INVALID_REPORTER` for a value that is neither, `CLI_CONTRADICTING_OUTPUTS` for two that
 *   would print at one place.
 */
export function parseReporters(values: readonly string[]): Result<RequestedReporters, OutputError> {
  let onScreen: string | undefined;
  const inFiles: ReporterInFile[] = [];
  for (const value of values) {
    const [, reporter = "", , file] = /^([^=]*)(=(.*))?$/su.exec(value) ?? [];
    if (reporter === "" || file === "")
      return refuse(`Cannot understand --reporter "${value}": give NAME, or NAME=FILE to write a file`);
    if (reporter === "tui" && file !== undefined)
      return refuse(`Cannot write the live view to a file: give --reporter tui without "=${file}"`);
    if (file === undefined) {
      if (onScreen !== undefined)
        return contradict(`--reporter ${onScreen} and --reporter ${reporter}`, "the output");
      onScreen = reporter;
      continue;
    }
    const other = inFiles.find((each) => each.file === file);
    if (other !== undefined)
      return contradict(
        `--reporter ${other.reporter}=${file} and --reporter ${reporter}=${file}`,
        "one file",
      );
    inFiles.push({ reporter, file });
  }
  return ok({ ...(onScreen !== undefined && { onScreen }), inFiles });
}

function refuse(message: string): Result<never, OutputError> {
  return err({ code: "CLI_INVALID_REPORTER", message });
}

function contradict(both: string, where: string): Result<never, OutputError> {
  const message = `Cannot combine ${both}: both would write to ${where}. Give one of them its own file, as in NAME=FILE`;
  return err({ code: "CLI_CONTRADICTING_OUTPUTS", message });
}
