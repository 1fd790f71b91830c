import { expect, test } from "vitest";
import { readSelector } from "./read-selector.ts";

test.each([
  ["unit", { job: "unit" }],
  ["unit/2", { job: "unit", step: 2 }],
  ["unit/system/cleanup", { job: "unit", section: "cleanup" }],
  ["group/3", { job: "group/3" }],
  ["group/3/1", { job: "group/3", step: 1 }],
  ["unit/x", { job: "unit/x" }],
])("readSelector() reads %s", (selector, selected) => {
  expect(readSelector(selector, ["unit", "group/3"])).toEqual(selected);
});
