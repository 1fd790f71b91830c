import { expect, test } from "vitest";
import { createPalette } from "./palette.ts";

test("createPalette() of mono has no colour, and tells what is selected, bold and dim", () => {
  const palette = createPalette("mono");
  expect([palette.color, palette.highlights]).toEqual([false, true]);
  expect(palette.paint("selected", "x")).toBe("\u001B[7mx\u001B[0m");
  expect(palette.paint("failed", "x")).toBe("\u001B[1mx\u001B[0m");
  expect(palette.paint("running", "x") + palette.paintJob(1, "y")).toBe("xy");
});
