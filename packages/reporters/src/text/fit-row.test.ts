import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textOfOutput } from "@loom/testkit";
import { cellWidth } from "./cell-width.ts";
import { fitName, fitRow, rowWidth, wrapRow } from "./fit-row.ts";

const pieces = fc.array(
  fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "c", " ", "X", "Y", "0") }),
    fc.constantFrom("世界", "é", "e\u0301", "👩‍👩‍👧", "🇩🇪", "שלום", "עבר", "\u200B", "─▌⠋✓", "ｗｉｄｅ"),
    fc.constantFrom("\u001B[31m", "\u001B[0m", "\u001B[1;4m", "\u001B[38;5;200m"),
    fc.constantFrom("\u001B]8;;http://a.dev/\u0007", "\u001B]8;;file:///b\u0007", "\u001B]8;;\u0007"),
  ),
  { maxLength: 12 },
);

describe("fitRow()", () => {
  test("never takes more cells than there are, pads to exactly as many, and leaves no style on", () => {
    fc.assert(
      fc.property(
        pieces,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 20 }),
        (parts, width, shift) => {
          const row = parts.join("");
          const fitted = fitRow(row, width, { shift });
          expect(rowWidth(fitted)).toBeLessThanOrEqual(width);
          if (rowWidth(row) > width || shift > 0) expect(() => textOfOutput(fitted)).not.toThrow();
          expect(rowWidth(fitRow(row, width, { shift, pad: true }))).toBe(width);
          // oxlint-disable-next-line no-control-regex -- styles and sequences are control characters
          const styles = fitted.match(/\u001B\[[\d;:]*m/g) ?? [];
          if (styles.length > 0) expect(styles.at(-1)).toBe("\u001B[0m");
        },
      ),
    );
  });

  test("keeps a link of what is shown, and ends it there", () => {
    const row = "ab\u001B]8;;http://a\u0007cdef\u001B]8;;\u0007gh";
    expect(rowWidth(row)).toBe(8);
    expect(fitRow(row, 5)).toBe("ab\u001B]8;;http://a\u0007cd\u001B]8;;\u0007…");
    expect(fitRow(row, 5, { shift: 4 })).toBe("\u001B]8;;http://a\u0007ef\u001B]8;;\u0007gh");
    expect(fitRow(row, 5, { shift: 6 })).toBe("gh");
    expect(wrapRow(row, 4)).toEqual([
      "ab\u001B]8;;http://a\u0007cd\u001B]8;;\u0007",
      "\u001B]8;;http://a\u0007ef\u001B]8;;\u0007gh",
    ]);
  });

  test("marks what it cut off, and cuts on the left too", () => {
    expect(fitRow("abcdefgh", 5)).toBe("abcd…");
    expect(fitRow("abcdefgh", 5, { shift: 2 })).toBe("cdef…");
    expect(fitRow("abcdefgh", 5, { shift: 4 })).toBe("efgh");
    expect(fitRow("\u001B[31mabcdef\u001B[0m", 4)).toBe("\u001B[31mabc\u001B[0m…");
    expect(fitRow("世界世界", 5)).toBe("世界…");
    expect(fitRow("世界世界", 4, { shift: 1 })).toBe(" 界…");
    expect(fitRow("abc", 2, { ellipsis: "..." })).toBe("ab");
  });
});

describe("wrapRow()", () => {
  test("keeps every character, in rows that fit", () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 2, max: 30 }), (parts, width) => {
        const row = parts.join("");
        const rows = wrapRow(row, width);
        const bare = (text: string): string =>
          // oxlint-disable-next-line no-control-regex -- styles and links are control sequences
          text.replace(/\u001B\[[\d;:]*m|\u001B\]8;;[^\u0007]*\u0007/g, "");
        if (rows.length > 1) for (const piece of rows) expect(() => textOfOutput(piece)).not.toThrow();
        if (rows.length > 1) expect(rows.every((piece) => rowWidth(piece) <= width)).toBe(true);
        expect(rows.map(bare).join("").replaceAll("\u200B", "")).toBe(bare(row).replaceAll("\u200B", ""));
      }),
    );
  });
});

test("cellWidth() counts cells as terminals do", () => {
  expect(["abc", "世界", "e\u0301", "👩‍👩‍👧", "🇩🇪", "שלום", "✓ ⠋ │"].map(cellWidth)).toEqual([
    3, 4, 1, 2, 2, 4, 5,
  ]);
});

test.each([
  ["unit", 6, "unit  "],
  ["this-is-a-very-long-web-unit", 14, "this-…web-unit"],
  ["abc", 2, "a…"],
])("fitName() makes %s %i cells wide: its end stays", (name, width, fitted) => {
  expect(fitName(name, width)).toBe(fitted);
  expect(fitName(name, width)).toHaveLength(width);
});
