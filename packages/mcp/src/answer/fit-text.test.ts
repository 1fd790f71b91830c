import { expect, test } from "vitest";
import { fitText, TEXT_BYTES } from "./fit-text.ts";

const lines = Array.from({ length: 500 }, (_, index) => `line ${index} of many, ünïcödé`);

test("fitText() leaves short texts alone", () => {
  expect(fitText(["a", "b"], { keep: "first", rest: "elsewhere" })).toBe("a\nb");
});

test("fitText() keeps the lines that matter, and says how many it cut", () => {
  const first = fitText(lines, { keep: "first", rest: "elsewhere" });
  expect(first).toMatch(/^line 0 .*\n… cut: \d+ more lines, elsewhere$/su);
  const last = fitText(lines, { keep: "last", rest: "elsewhere" });
  expect(last).toMatch(/^… cut: \d+ more lines, elsewhere\n.*line 499 of many, ünïcödé$/su);
  for (const text of [first, last]) {
    expect(Buffer.byteLength(text)).toBeLessThan(TEXT_BYTES);
    const cut = Number(/cut: (\d+)/u.exec(text)?.[1]);
    expect(text.split("\n").length - 1 + cut).toBe(500);
  }
});

test("fitText() cuts lines between characters", () => {
  const text = fitText(["ü".repeat(10_000)], { keep: "first", rest: "elsewhere" });
  expect(text).toMatch(/^ü+… \(line cut\)$/u);
});
