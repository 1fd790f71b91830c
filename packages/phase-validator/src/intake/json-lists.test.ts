import { expect, test } from "vitest";
import { objectsOf, stringsOf } from "./json-lists.ts";

test("objectsOf() and stringsOf() keep of a list what fits, and take nothing else for a list", () => {
  const list = ["a", 7, null, ["b"], { c: 1 }, "d"];
  expect(objectsOf(list)).toEqual([{ c: 1 }]);
  expect(stringsOf(list)).toEqual(["a", "d"]);
  for (const value of [undefined, "ab", { length: 1, 0: "a" }]) {
    expect(objectsOf(value)).toEqual([]);
    expect(stringsOf(value)).toEqual([]);
  }
});
