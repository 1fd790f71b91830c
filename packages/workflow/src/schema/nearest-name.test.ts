import { expect, test } from "vitest";
import { nameSuggester } from "./name-suggester.ts";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["scirpt", "script"],
  ["Script", "script"],
  ["scripts", "script"],
  ["allowfailure", "allow_failure"],
  ["nedes", "needs"],
  ["x", undefined],
  ["before_script", undefined],
  ["script", undefined],
  ["s".repeat(1000), undefined],
])("nearestName() takes %s for %s", (name, near) => {
  expect(nearestName(name, ["script", "allow_failure", "needs"])).toBe(near);
});

test("nearestName() takes the first of equally near names", () => {
  expect(nearestName("jab", ["job", "jib"])).toBe("job");
});

test("nameSuggester() stops after a hundred names", () => {
  const suggest = nameSuggester(["script"]);
  const answers = Array.from({ length: 101 }, () => suggest("scirpt"));
  expect(answers.indexOf(undefined)).toBe(100);
});
