import assert from "node:assert/strict";
import { test } from "node:test";

import { drawFilm, drawScreen } from "./draw-screen.mjs";
import { parseScreen } from "./parse-screen.mjs";

test("parseScreen() continues a style on the next row until it changes", () => {
  assert.deepEqual(parseScreen("a\u001B[1;31mb\nc\u001B[39md\u001B[0m\n\n"), [
    [
      { column: 0, text: "a", style: {} },
      { column: 1, text: "b", style: { bold: true, color: 1 } },
    ],
    [
      { column: 0, text: "c", style: { bold: true, color: 1 } },
      { column: 1, text: "d", style: { bold: true, color: undefined } },
    ],
  ]);
});

test("parseScreen() ignores what is not a style: links, character sets, cursor moves", () => {
  const [row] = parseScreen("\u001B]8;;https://example.org\u001B\\link\u001B(B\u001B[3G!");
  assert.equal(row.map(({ text }) => text).join(""), "link!");
});

test("parseScreen() refuses an unsupported colour", () => {
  assert.throws(() => parseScreen("\u001B[38;5;200mx"), /Cannot draw the style 38/u);
});

test("drawScreen() puts words at their columns, whatever the spaces before them", () => {
  const svg = drawScreen(parseScreen("\u001B[2mab    c<d\u001B[0m"), {
    columns: 10,
    title: "t",
    description: "d",
  });
  assert.deepEqual(svg.match(/<text [^>]*opacity[^\n]*/gu), [
    '<text x="16" y="59.5" textLength="16.8" lengthAdjust="spacingAndGlyphs" opacity="0.6">ab</text>',
    '<text x="66.4" y="59.5" textLength="25.2" lengthAdjust="spacingAndGlyphs" opacity="0.6">c&lt;d</text>',
  ]);
});

test("drawScreen() swaps foreground and background of reversed text", () => {
  const svg = drawScreen(parseScreen("\u001B[7;32mx"), { columns: 10, title: "t", description: "d" });
  assert.match(
    svg,
    /<rect x="16" y="46" width="8.4" height="18" fill="#8ccf7e"\/>\n<text [^>]*fill="#16181d">x</u,
  );
});

test("drawFilm() shows each screen for its time, and the last one to who wants no motion", () => {
  const frames = ["one", "two", "three"].map((text, index) => ({
    rows: parseScreen(text),
    forMs: [1000, 2000, 1000][index],
  }));
  const svg = drawFilm(frames, { columns: 10, rows: 2, title: "t", description: "d" });
  assert.match(svg, /\.frame\{visibility:hidden;animation:4s step-end infinite\}/u);
  assert.match(svg, /@keyframes f0\{0%\{visibility:visible\}25%\{visibility:hidden\}\}/u);
  assert.match(
    svg,
    /@keyframes f1\{0%\{visibility:hidden\}25%\{visibility:visible\}75%\{visibility:hidden\}\}/u,
  );
  assert.match(svg, /@keyframes f2\{0%\{visibility:hidden\}75%\{visibility:visible\}\}/u);
  assert.match(svg, /reduced-motion:reduce\)\{\.frame\{animation:none\}#f2\{visibility:visible\}\}/u);
  assert.equal(svg.match(/<g class="frame"/gu)?.length, 3);
});
