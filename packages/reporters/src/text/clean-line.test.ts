import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textOfOutput } from "@loom/testkit";
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

  test.each([
    ["a page", `${ESC}]8;;https://a.dev/x?y#z\u0007see${ESC}]8;;\u0007!`, "<https://a.dev/x?y#z>see<>!"],
    [
      "a mail, ended with ST",
      `${ESC}]8;;mailto:a@b.dev${ESC}\\see${ESC}]8;;${ESC}\\`,
      "<mailto:a@b.dev>see<>",
    ],
    ["a file, in 8-bit sequences", "\u009D8;;file:///a\u009Csee\u009D8;;\u009C", "<file:///a>see<>"],
    ["without its parameters", `${ESC}]8;id=1:x=y;http://a\u0007see${ESC}]8;;\u0007`, "<http://a>see<>"],
    ["one without an end", `${ESC}]8;;http://a\u0007see`, "<http://a>see<>"],
    [
      "one behind another",
      `${ESC}]8;;http://a\u0007b${ESC}]8;;http://c\u0007d`,
      "<http://a>b<><http://c>d<>",
    ],
    ["none without text", `${ESC}]8;;http://a\u0007${ESC}]8;;\u0007see`, "see"],
    ["none to a script", `${ESC}]8;;javascript:alert(1)\u0007see`, "see"],
    ["none to a program", `${ESC}]8;;x-man-page://ls\u0007see`, "see"],
    ["none to no kind", `${ESC}]8;;//a\u0007see`, "see"],
    ["none to anything but ASCII", `${ESC}]8;;http://\u0430\u0007see${ESC}]8;;http://a b\u0007!`, "see!"],
    ["none that is too long", `${ESC}]8;;http://${"a".repeat(2000)}\u0007see`, "see"],
    [
      "one that refuses the next ends there",
      `${ESC}]8;;http://a\u0007b${ESC}]8;;ssh://c\u0007d`,
      "<http://a>b<>d",
    ],
    ["one without an end of its sequence", `${ESC}]8;;http://a`, "␛]8;;http://a"],
  ])("with links, %s", (_what, line, shown) => {
    const kept = cleanLine(line, { color: true, links: true });
    // oxlint-disable-next-line no-control-regex -- a link is a control sequence
    expect(kept.replaceAll(/\u001B\]8;;(.*?)\u0007/g, "<$1>")).toBe(shown);
    expect(textOfOutput(kept)).toBe(textOfOutput(cleanLine(line, { color: true })));
    expect(cleanLine(line, { color: false, links: true })).toBe(cleanLine(line, { color: false }));
  });

  test.each([
    [4, `<http://a>123…<>`],
    [6, `<http://a>1234<>5…`],
    [7, `<http://a>1234<>567`],
  ])("ends a link where it cuts to %i characters", (maxCharacters, shown) => {
    const line = `${ESC}]8;;http://a\u00071234${ESC}]8;;\u0007567${ESC}]8;;http://b\u0007`;
    const kept = cleanLine(line, { color: true, links: true, maxCharacters });
    // oxlint-disable-next-line no-control-regex -- a link is a control sequence
    expect(kept.replaceAll(/\u001B\]8;;(.*?)\u0007/g, "<$1>")).toBe(shown);
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
        `${ESC}]8;;http://a.dev/\u0007`,
        `${ESC}]8;id=1;file:///a${ESC}\\`,
        "\u009D8;;mailto:a@b\u009C",
        `${ESC}]8;;`,
        "8;;",
        "http:x",
      ),
      fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    const lines = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    const max = fc.option(fc.integer({ min: 2, max: 40 }), { nil: undefined });
    fc.assert(
      fc.property(lines, fc.boolean(), fc.boolean(), max, (line, color, links, maxCharacters) => {
        const shown = cleanLine(line, { color, links, maxCharacters });
        const text = textOfOutput(shown);
        if (!color) expect(shown).toBe(text);
        if (!links) expect(shown).not.toContain("\u0007");
        expect(text.length).toBeLessThanOrEqual(maxCharacters ?? Number.POSITIVE_INFINITY);
        if (shown.includes(`${ESC}[`)) expect(shown.endsWith(`${ESC}[0m`)).toBe(true);
        // Links change nothing of the text.
        expect(text).toBe(textOfOutput(cleanLine(line, { color, maxCharacters })));
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    `${ESC}]`,
    `${ESC}]8;;http://a\u0007x`,
    `${ESC}]8;`,
    "\u009D",
    `${ESC}[`,
    `${ESC}[0`,
    "\r",
    `${ESC} `,
  ])(
    "takes time in proportion to the line: %j again and again",
    (piece) => {
      expect(() => cleanLine(piece.repeat(200_000), { color: true, links: true })).not.toThrow();
    },
    5_000,
  );
});
