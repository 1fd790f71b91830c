import type { LoomEvent } from "@loom/core";
import { decodeEvent } from "./decode-event.ts";
import { decodeOutput } from "./output-bytes.ts";
import type { RecordBytes } from "./output-layout.ts";

/**
 * Reads one record from the bytes of a stream, as `decodeEvent` does, and most of them in a third of the time.
 *
 * @param start - Where its line begins.
 * @param end - Where its line ends: its newline stands there, or nothing.
 * @returns `undefined` for what is no record.
 */
export function decodeLine(source: RecordBytes, start: number, end: number): LoomEvent | undefined {
  const output = decodeOutput(source, start, end);
  // Stryker disable next-line ConditionalExpression: it saves time only; decodeEvent() reads the same.
  if (output !== undefined) return output;
  const decoded = decodeEvent(source.bytes.toString("utf8", start, end));
  return decoded.ok ? decoded.value : undefined;
}
