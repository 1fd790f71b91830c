import { expect, test } from "vitest";
import { formatProblem } from "./format-problem.ts";
import { problemAt } from "./source/problem-at.ts";
import { sourceFile } from "./source/source-file.ts";

const shown = (text: string, start: number, end: number): string => {
  const file = sourceFile("w.yml", text, 0);
  return formatProblem(problemAt("WF_SCHEMA_V1", { file, start, end }, { path: "/a", message: "mend it" }));
};

test("formatProblem() underlines what the problem is about", () => {
  expect(shown("a: b\nc: d\n", 8, 9)).toBe("w.yml:2:4 WF_SCHEMA_V1 /a: mend it\n  2 | c: d\n    |    ^");
});

test("formatProblem() aligns its margin from the tenth line on", () => {
  expect(shown("\n".repeat(11) + "a: b", 11, 15)).toBe(
    "w.yml:12:1 WF_SCHEMA_V1 /a: mend it\n  12 | a: b\n     | ^^^^",
  );
});

test("formatProblem() underlines the first line of what goes over several", () => {
  expect(shown("a:\n  b: c\n", 0, 9)).toContain("\n    | ^^");
});

test("formatProblem() shows a piece of a long line", () => {
  const text = `${"x".repeat(500)}HERE${"y".repeat(500)}`;
  const [, excerpt = "", underline = ""] = shown(text, 500, 504).split("\n");
  expect(excerpt.length).toBeLessThan(140);
  expect(excerpt.slice(underline.indexOf("^"), underline.lastIndexOf("^") + 1)).toBe("HERE");
});

test("formatProblem() lets no control character through", () => {
  expect(shown("a: \u001b[31mred\u202e\u0000", 0, 1)).toBe(
    "w.yml:1:1 WF_SCHEMA_V1 /a: mend it\n  1 | a: \uFFFD[31mred\uFFFD\uFFFD\n    | ^",
  );
});

test("formatProblem() shows a problem of an empty file without an excerpt", () => {
  expect(shown("", 0, 0)).toBe("w.yml:1:1 WF_SCHEMA_V1 /a: mend it");
});
