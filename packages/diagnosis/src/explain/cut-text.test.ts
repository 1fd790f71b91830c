import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText } from "./cut-text.ts";

/** Bytes between the quotes. */
function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

describe("cutText()", () => {
  test("cutText() keeps within the limit whatever the text is, and keeps what fits", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constant('\uD800\uDC00\uD800"\\\n\u0001é…'),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 60 }), (whole, maxBytes) => {
        const cut = cutText(whole, maxBytes);
        expect(jsonBytes(cut)).toBeLessThanOrEqual(maxBytes);
        if (jsonBytes(whole) <= maxBytes) expect(cut).toBe(whole);
        else expect(whole.startsWith(cut.slice(0, -1)) && cut.endsWith("…")).toBe(true);
      }),
    );
  });
});
