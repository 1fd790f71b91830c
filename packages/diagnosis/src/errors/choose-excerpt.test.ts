import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseExcerpt } from "./choose-excerpt.ts";

function excerptOf(name: string, maxLines: number): { lines: string[]; tools: string[] } {
  const path = join(import.meta.dirname, "../../test/fixtures/errors", `${name}.txt`);
  const lines = readFileSync(path, "utf8").split("\n");
  const { indices, errors } = chooseExcerpt(lines, { maxLines });
  return { lines: indices.map((index) => lines[index] ?? ""), tools: errors.map((error) => error.tool) };
}

describe("chooseExcerpt()", () => {
  test("chooseExcerpt() shows the compiler's error before make's echo of it", () => {
    expect(excerptOf("make", 6)).toStrictEqual({
      lines: [
        "bad.c:3:15: error: invalid operands to binary * (have ‘char *’ and ‘int’)",
        '    3 |   int x = "s" * 2;',
        "      |           ~~~ ^",
        "bad.c:4:10: error: ‘y’ undeclared (first use in this function)",
        "    4 |   return y;",
        "      |          ^",
      ],
      tools: ["gcc", "gcc"],
    });
  });

  test("chooseExcerpt() shows the compiler's error and not npm's lines behind it", () => {
    expect(excerptOf("npm-lifecycle", 1)).toStrictEqual({
      lines: ["src/a.ts(1,7): error TS2322: Type 'number' is not assignable to type 'string'."],
      tools: ["tsc"],
    });
  });

  test("chooseExcerpt() gives the last lines that are not blank when no error is recognised", () => {
    const { indices, errors } = chooseExcerpt(["one", "", "two", "three", "", " "], { maxLines: 2 });
    expect([indices, errors]).toStrictEqual([[2, 3], []]);
  });

  test("chooseExcerpt() keeps the end in sight of what only calls itself an error: it may have been handled", () => {
    const days = Array.from({ length: 30 }, (_, day) => `INFO day ${day} reconciled`);
    const lines = ["ERROR: connection refused, retrying", ...days, "reconcile: giving up, totals differ"];
    const { indices } = chooseExcerpt(lines, { maxLines: 20 });
    expect(indices[0]).toBe(0);
    expect(indices.at(-1)).toBe(lines.length - 1);
    expect(indices.length).toBeLessThanOrEqual(20);
  });

  test("chooseExcerpt() keeps what a program said before it crashed", () => {
    const lines = [
      ...Array.from({ length: 30 }, (_, row) => `row ${row}`),
      "loading table 3",
      "Segmentation fault",
    ];
    const { indices, errors, codes } = chooseExcerpt(lines, { maxLines: 20 });
    expect(indices.slice(-2).map((index) => lines[index])).toEqual(["loading table 3", "Segmentation fault"]);
    expect(indices).toHaveLength(20);
    expect([errors.map(({ role }) => role), codes]).toEqual([["echo"], ["Segmentation fault"]]);
  });

  test("chooseExcerpt() shows no line of passing code beside the error of a tool", () => {
    const lines = ["error: printed by a passing test, on purpose", "x", "src/a.c:1:2: error: expected ‘;’"];
    expect(chooseExcerpt(lines, { maxLines: 20 }).indices).toEqual([2]);
  });

  test("chooseExcerpt() takes the warnings of a tool that fails for them, and the end beside them", () => {
    const { tools, lines } = excerptOf("oxlint-warnings", 20);
    expect(tools.every((tool) => tool === "oxlint")).toBe(true);
    expect(tools.length).toBeGreaterThan(0);
    expect(lines.length).toBeGreaterThan(1);
  });

  test.each([
    ["jest", ["Expected: 3", "Received: "]],
    ["vitest", ["- Expected", "+ Received"]],
    ["mocha", ["+ expected - actual"]],
  ])("chooseExcerpt() shows what differs in the report of %s, behind blank lines", (name, differences) => {
    const { lines } = excerptOf(name, 20);
    for (const text of differences) expect(lines.some((line) => line.includes(text))).toBe(true);
  });

  test("chooseExcerpt() gives each of the first errors its share, and keeps what differs", () => {
    const report = (name: string): string[] => [
      `  ● ${name}`,
      "",
      "    expect(received).toEqual(expected)",
      "",
      ...Array.from({ length: 30 }, (_, row) => `        ${row},`),
      `    -   old of ${name},`,
      `    +   new of ${name},`,
      "",
      `      at Object.<anonymous> (a.test.js:1:2)`,
      "",
    ];
    const lines = [...report("one"), ...report("two"), "Tests: 2 failed"];
    const shown = chooseExcerpt(lines, { maxLines: 20 }).indices.map((index) => lines[index]?.trim());
    for (const name of ["one", "two"])
      expect(shown).toEqual(
        expect.arrayContaining([`● ${name}`, `-   old of ${name},`, `+   new of ${name},`]),
      );
  });

  test("chooseExcerpt() reads each output by itself", () => {
    const lines = ["a.c:1:2: error: no", "compiling b.c", "    1 | x;", "compiling c.c", "      | ^"];
    const streams = ["stderr", "stdout", "stderr", "stdout", "stderr"];
    expect(chooseExcerpt(lines, { maxLines: 20, streams }).indices).toEqual([0, 2, 4]);
  });

  test("chooseExcerpt() trusts tools that it knows more than lines that only call themselves errors", () => {
    const lines = ["ERROR retrying the connection", "src/a.c:1:2: error: expected ‘;’"];
    const { indices, errors } = chooseExcerpt(lines, { maxLines: 1 });
    expect([indices, errors.map((error) => error.tool)]).toStrictEqual([[1], ["gcc", "generic"]]);
  });
});
