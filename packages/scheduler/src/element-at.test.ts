import { expect, test } from "vitest";
import { elementAt } from "./element-at.ts";

test("elementAt() gives the element, one that is zero or empty among them", () => {
  expect(elementAt([7, 0], 1)).toBe(0);
  expect(elementAt(["", "b"], 0)).toBe("");
});

test("elementAt() throws where there is no element", () => {
  expect(() => elementAt(Int32Array.of(7), 1)).toThrow(new Error("Cannot read element 1: it does not exist"));
});
