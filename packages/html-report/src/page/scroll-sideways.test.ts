import { describe, expect, test } from "vitest";
import { scrollSideways } from "./scroll-sideways.ts";

describe("scrollSideways()", () => {
  const view = { scrolled: 1000, width: 400, covered: 50 };

  test("a part that is seen stays where it is", () => {
    expect(scrollSideways({ start: 1050, end: 1080 }, view)).toBe(1000);
    expect(scrollSideways({ start: 1370, end: 1400 }, view)).toBe(1000);
  });

  test("a part beside the view, at its edge or under what stands still comes into the middle", () => {
    expect(scrollSideways({ start: 5000, end: 5030 }, view)).toBe(4800);
    expect(scrollSideways({ start: 1390, end: 1420 }, view)).toBe(1190);
    expect(scrollSideways({ start: 1049, end: 1079 }, view)).toBe(849);
  });

  test("a part near the beginning is seen with the beginning", () => {
    expect(scrollSideways({ start: 120, end: 150 }, view)).toBe(0);
  });

  test("a part that is wider than the view begins in the middle, and then stays", () => {
    const wide = { start: 2000, end: 3000 };
    expect(scrollSideways(wide, view)).toBe(1800);
    expect(scrollSideways(wide, { ...view, scrolled: 1800 })).toBe(1800);
  });
});
