import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanLine } from "./clean-line.ts";

const ESC = "\u001B";

describe("cleanLine()", () => {
  test.each([
    ["plain text", "héllo, 世界 👋", "héllo, 世界 👋"],
    ["a colour", `${ESC}[1;31mred${ESC}[0m`, "red"],
    ["a cursor move", `a${ESC}[2Jb${ESC}[10;10Hc`, "abc"],
    ["a window title ended with BEL", `${ESC}]0;owned\u0007text`, "text"],
    ["a link ended with ST", `${ESC}]8;;http://x${ESC}\\label${ESC}]8;;${ESC}\\`, "label"],
    ["a clipboard write", `${ESC}]52;c;cm0gLXJm${ESC}\\x`, "x"],
    ["a device control string", `${ESC}P+q544e${ESC}\\x`, "x"],
    ["an 8-bit control sequence", "\u009B2Jx", "x"],
    ["an 8-bit control string", "\u009D0;title\u009Cx", "x"],
    ["a full reset", `${ESC}cx`, "x"],
    ["a character set switch", `${ESC}(0x`, "x"],
    ["a title without an end", `${ESC}]0;title`, "␛]0;title"],
    ["a lone escape at the end", `x${ESC}`, "x␛"],
    ["a control sequence cut off", `x${ESC}[31`, "x␛[31"],
    ["other control characters", "a\u0000b\u0007c\bd\u007F", "a␀b␇c␈d␡"],
    ["a lone C1 control", "a\u0085b", "a\uFFFDb"],
    ["tabs", "a\tb\t\tc", "a       b               c"],
    ["a CRLF line end", "text\r", "text"],
    ["a progress bar", "10%\r50%\r100%\r", "100%"],
    ["a newline", "a\nb", "a␊b"],
    ["marks that turn the direction", "if \u202E} x \u2066= y\u2069", "if \uFFFD} x \uFFFD= y\uFFFD"],
    ["Hebrew and Arabic with their own marks", "\u05D0\u200F!", "\u05D0\u200F!"],
  ])("without colour, %s", (_what, line, shown) => {
    expect(cleanLine(line, { color: false })).toBe(shown);
  });

  test.each([
    ["colours stay and end with the line", `${ESC}[1;31mred`, `${ESC}[1;31mred${ESC}[0m`],
    ["colours with colons stay", `${ESC}[38:5:9mred`, `${ESC}[38:5:9mred${ESC}[0m`],
    ["8-bit colours become 7-bit ones", `\u009B31mred`, `${ESC}[31mred${ESC}[0m`],
    ["what only looks like a colour goes", `${ESC}[>4;1mx${ESC}[?4my${ESC}[1 mz`, "xyz"],
    ["everything else goes", `${ESC}[2K${ESC}]0;t\u0007x`, "x"],
  ])("with colour, %s", (_what, line, shown) => {
    expect(cleanLine(line, { color: true })).toBe(shown);
  });

  test.each([
    ["1234567890", 10, "1234567890"],
    ["12345678901", 10, "123456789…"],
    [`${ESC}[31m12345${ESC}[32m678901`, 10, `${ESC}[31m12345${ESC}[32m6789…${ESC}[0m`],
    [`1234567890${ESC}[0m!`, 10, `123456789…${ESC}[0m`],
    ["12345678👋0", 10, "12345678…"],
    ["\t\t\t", 10, `${" ".repeat(9)}…`],
  ])("cuts %j to %i characters", (line, maxCharacters, shown) => {
    expect(cleanLine(line, { color: true, maxCharacters })).toBe(shown);
  });

  test("lets nothing through that a terminal would act on, whatever the line", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ESC,
        "\u009B",
        "\u009D",
        "[",
        "]",
        "m",
        "31",
        ";",
        "?",
        "\u0007",
        "\\",
        "\r",
        "\t",
        " ",
        "P",
        "H",
      ),
      fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    const lines = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    const max = fc.option(fc.integer({ min: 2, max: 40 }), { nil: undefined });
    fc.assert(
      fc.property(lines, fc.boolean(), max, (line, color, maxCharacters) => {
        const shown = cleanLine(line, { color, ...(maxCharacters !== undefined && { maxCharacters }) });
        // oxlint-disable-next-line no-control-regex -- a colour is the one sequence that may stay
        const text = color ? shown.replace(/\u001B\[[\d;:]*m/g, "") : shown;
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        expect(text).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
        expect(text.length).toBeLessThanOrEqual(maxCharacters ?? Number.POSITIVE_INFINITY);
        expect(text === shown || shown.endsWith(`${ESC}[0m`)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([`${ESC}]`, "\u009D", `${ESC}[`, `${ESC}[0`, "\r", `${ESC} `])(
    "takes time in proportion to the line: %j again and again",
    (piece) => {
      expect(() => cleanLine(piece.repeat(200_000), { color: true })).not.toThrow();
    },
    5_000,
  );
});
