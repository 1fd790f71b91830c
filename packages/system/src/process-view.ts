import { existsSync } from "node:fs";

/**
 * How processes are looked at: by the files that Linux has of each (`proc`), or by asking `ps`, as on macOS and the
 * BSDs, and in a place of Linux where these files are hidden.
 */
export type ProcessView = "proc" | "ps";

let view: ProcessView | undefined;

/** How processes are looked at here. The one place that decides it: code that depends on it takes it as a parameter. */
export function processView(): ProcessView {
  // Other systems may have a folder of this name, with other files.
  view ??= process.platform === "linux" && existsSync("/proc/self/stat") ? "proc" : "ps";
  return view;
}
