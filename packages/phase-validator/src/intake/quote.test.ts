import { expect, test } from "vitest";
import { quote, shorten } from "./quote.ts";

test.each([
  [undefined, "(none)"],
  ["a", '"a"'],
  [7, "7"],
  [null, "null"],
  [["x", 1], '["x",1]'],
  [Symbol("s"), "Symbol(s)"],
  [7n, "(not JSON)"],
])("quote() writes %s as %s", (value, text) => {
  expect(quote(value)).toBe(text);
});

test("shorten() leaves 120 characters, and cuts what is longer to as many", () => {
  expect(shorten("x".repeat(120))).toBe("x".repeat(120));
  expect(shorten("x".repeat(121))).toBe(`${"x".repeat(117)}...`);
  expect(quote("y".repeat(200))).toBe(`"${"y".repeat(116)}...`);
});
