import type { RunEnd } from "@loom/ports";
import { cleanLine } from "../text/clean-line.ts";
import { linked, type TextStyle } from "./text-style.ts";

/** Where text goes: a terminal, a pipe, a file. */
export interface TextOutput {
  /** Takes text whose end is the end of a line. What the outside does to it (a closed pipe) is not the writer's concern. */
  write(text: string): void;
  /** Resolves when the other side has taken enough to go on; absent or `undefined`: go on. */
  drained?(): Promise<void> | undefined;
}

/** Where the receipt is, or that there is none. */
export function receiptLine({ receiptPath }: RunEnd, style?: TextStyle): string {
  if (receiptPath === undefined) return "no receipt: it could not be written";
  const shown = shownPath(receiptPath);
  return `receipt: ${style === undefined ? shown : linked(style, receiptPath, shown)}`;
}

/** A path as a part of a line, whatever the folders in it are called. The exact one is in `--json`. */
export function shownPath(path: string): string {
  return cleanLine(path, { color: false });
}

/** What stands at the top of a transcript. Paths are shown as they are given. */
export interface RunHeading {
  /** Relative to where the user stands. */
  readonly workflowPath: string;
  /** The run's folder, relative to where the user stands. */
  readonly logsDir: string;
  /** How many jobs run at a time; left out when not known. */
  readonly workers?: number;
}
