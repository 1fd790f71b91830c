import type { LineBatch } from "@loom/ports";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The lines of a batch as text, in order. Invalid UTF-8 becomes U+FFFD. */
export function decodeLines(batch: LineBatch): string[] {
  const { bytes, ends } = batch;
  const last = ends.at(-1) ?? 0;
  const whole = decoder.decode(bytes.subarray(0, last));
  // One character a byte means ASCII, so the byte offsets are those of the text, and cutting it is far cheaper.
  const ascii = whole.length === last;
  let start = 0;
  return ends.map((end) => {
    const line = ascii ? whole.slice(start, end) : decoder.decode(bytes.subarray(start, end));
    start = end + 1;
    return line;
  });
}
