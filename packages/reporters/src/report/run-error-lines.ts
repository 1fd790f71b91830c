import type { EventError, RunStatus } from "@loom/core";
import { cleanLine } from "../text/clean-line.ts";
import type { TextStyle } from "./text-style.ts";

/** A cause that does not belong to a job: one line with its code, or the lines of a message that carries its codes itself. */
export function runErrorLines(style: TextStyle, status: RunStatus, error: EventError): string[] {
  const [first = "", ...more] = error.message.split("\n").map((line) => cleanLine(line, { color: false }));
  if (status === "cancelled") return [first];
  const label = style.palette.paint("failed", "error:");
  return more.length === 0 ? [`${label} ${first} (${error.code})`] : [label, first, ...more];
}
