import { hostname } from "node:os";
import { pathToFileURL } from "node:url";
import { unreachable } from "@loom/core";

/** Copies text to the clipboard of the user's own machine, even through ssh. Source: xterm control sequences, OSC 52. */
export function copySequence(text: string): string {
  return `\u001B]52;c;${Buffer.from(text, "utf8").toString("base64")}\u0007`;
}

/** Sets the window's title. Source: xterm control sequences, OSC 2. */
export function titleSequence(title: string): string {
  // oxlint-disable-next-line no-control-regex -- a name must not end the sequence
  return `\u001B]2;${title.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, "")}\u0007`;
}

/**
 * Makes a text a link to a file. Source: "Hyperlinks in terminal emulators", OSC 8; some terminals refuse a file without
 * a host.
 *
 * @param path - Absolute.
 */
export function fileLink(path: string, text: string): string {
  const host = hostname().replaceAll(/[^\w.-]/g, "");
  return `\u001B]8;;file://${host}${pathToFileURL(path).pathname}\u0007${text}\u001B]8;;\u0007`;
}

/**
 * Shows a desktop notification, in both forms that terminals support. A terminal that supports neither shows nothing.
 * Source: iTerm2's OSC 9, also in Windows Terminal, Ghostty, kitty and WezTerm; urxvt's OSC 777, also in foot and VTE.
 */
export function notifySequence(title: string, text: string): string {
  // oxlint-disable-next-line no-control-regex -- a name must not end the sequence
  const clean = (part: string): string => part.replaceAll(/[\u0000-\u001F\u007F-\u009F;]/g, " ");
  return `\u001B]9;${clean(`${title}: ${text}`)}\u0007\u001B]777;notify;${clean(title)};${clean(text)}\u0007`;
}

/** The window's progress: none, a percentage (from 0 to 100; in red after a failure), or busy without one. */
export type Progress =
  | { readonly kind: "off" }
  | { readonly kind: "percent"; readonly percent: number; readonly failed: boolean }
  | { readonly kind: "busy" };

/**
 * Shows progress in the window's frame or the task bar. Source: ConEmu's OSC 9;4, also in Windows Terminal, Ghostty,
 * iTerm2, Konsole.
 */
export function progressSequence(progress: Progress): string {
  switch (progress.kind) {
    case "off":
      return "\u001B]9;4;0;0\u0007";
    case "busy":
      return "\u001B]9;4;3;0\u0007";
    case "percent":
      return `\u001B]9;4;${progress.failed ? 2 : 1};${Math.round(Math.max(0, Math.min(100, progress.percent)))}\u0007`;
    default:
      return unreachable(progress);
  }
}
