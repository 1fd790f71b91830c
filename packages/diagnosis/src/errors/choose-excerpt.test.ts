import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseExcerpt } from "./choose-excerpt.ts";

function excerptOf(name: string, maxLines: number): { lines: string[]; tools: string[] } {
  const path = join(import.meta.dirname, "../../test/fixtures/errors", `${name}.txt`);
  const lines = readFileSync(path, "utf8").split("\n");
  const { indices, errors } = chooseExcerpt(lines, maxLines);
  return { lines: indices.map((index) => lines[index] ?? ""), tools: errors.map((error) => error.tool) };
}

describe("chooseExcerpt()", () => {
  test("chooseExcerpt() shows the compiler's error before make's echo of it", () => {
    expect(excerptOf("make", 6)).toStrictEqual({
      lines: [
        "bad.c:3:15: error: invalid operands to binary * (have ‘char *’ and ‘int’)",
        '    3 |   int x = "s" * 2;',
        "      |           ~~~ ^",
        "      |           |",
        "      |           char *",
        "bad.c:4:10: error: ‘y’ undeclared (first use in this function)",
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
    const { indices, errors } = chooseExcerpt(["one", "", "two", "three", "", " "], 2);
    expect([indices, errors]).toStrictEqual([[2, 3], []]);
  });

  test("chooseExcerpt() trusts tools that it knows more than lines that only call themselves errors", () => {
    const lines = ["ERROR retrying the connection", "src/a.c:1:2: error: expected ‘;’"];
    const { indices, errors } = chooseExcerpt(lines, 1);
    expect([indices, errors.map((error) => error.tool)]).toStrictEqual([[1], ["gcc", "generic"]]);
  });
});
