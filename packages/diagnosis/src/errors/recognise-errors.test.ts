import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryLine } from "../../test/arbitrary-line.ts";
import { recogniseErrors } from "./recognise-errors.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/errors");

const names = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => name.slice(0, -".txt".length));

describe("recogniseErrors()", () => {
  test.each(names)("recogniseErrors() reads the output of %s", async (name) => {
    const found = recogniseErrors(readFileSync(join(FIXTURES, `${name}.txt`), "utf8").split("\n"));
    await expect(`${JSON.stringify(found, undefined, 2)}\n`).toMatchFileSnapshot(
      join(FIXTURES, `${name}.json`),
    );
  });

  test.each(names.filter((name) => name.endsWith("-pass")))(
    "recogniseErrors() finds no error in the passing run %s",
    (name) => {
      const found = recogniseErrors(readFileSync(join(FIXTURES, `${name}.txt`), "utf8").split("\n"));
      expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
    },
  );

  test.each([
    "0 errors, 0 warnings",
    "Found 0 errors.",
    "0 failed, 12 passed",
    "compiled error_handler.c, src/errors/failed.ts",
    "test error handling ... ok",
    "error handling test … ok",
    "  ✓ FAIL is a word (2 ms)",
    "    ✔ error: is in the title",
    "  FAIL is a word in a title",
    "ok 3 - not ok 4 is TAP",
    "PASS src/error.test.ts",
    "--- PASS: TestFAIL (0.00s)",
    "no error: all is well",
    "src/error.ts 12ms",
    "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0",
    "Passed!  - Failed:     0, Passed:     1, Skipped:     0",
    "checked 4 files, no errors found at src/error.ts",
  ])("recogniseErrors() takes %j for no error", (line) => {
    expect(recogniseErrors(["before", line, "after"]).filter(({ severity }) => severity === "error")).toEqual(
      [],
    );
  });

  test.each(["not ok 1", "not ok 2 - adds", "not ok 3 adds", "not ok 4: adds", "    not ok 5 - adds"])(
    "recogniseErrors() takes %j for TAP",
    (line) => {
      expect(recogniseErrors([line]).map(({ tool }) => tool)).toEqual(["tap"]);
    },
  );

  const IGNORED = "make: [Makefile:3: lint] Error 1 (ignored)";
  test.each<[string, readonly string[], readonly string[]]>([
    ["the errors right before it", ["cat: a: No such file or directory", IGNORED], []],
    ["what a tool quotes", ["a.c:1:2: error: no", "    1 | x", "      | ^", IGNORED], []],
    [
      "a make of its own name",
      ["cat: a: No such file or directory", "gmake[2]: [all] Error 1 (ignored)"],
      [],
    ],
    ["a signal", ["cat: a: No such file or directory", "make: [M:1: a] Terminated (ignored)"], []],
    [
      "earlier ones of the same tool only",
      [
        "cat: b: Permission denied",
        "",
        "now",
        "",
        "a.c:1:2: error: no",
        "",
        "and",
        "",
        "b.c:1:2: error: no",
        IGNORED,
      ],
      ["cat"],
    ],
    [
      "none behind a blank line with text below it",
      ["cat: a: No such file or directory", "", "probing", "", "passed", IGNORED],
      ["cat"],
    ],
    [
      "none before an earlier word of make",
      [
        "cat: a: No such file or directory",
        "make: Entering directory '/a'",
        "cat: b: Is a directory",
        IGNORED,
      ],
      ["cat"],
    ],
    ["no error behind it", [IGNORED, "cat: a: No such file or directory"], ["cat"]],
    ["no warning", ["a.c:1:2: warning: odd", "cat: a: No such file or directory", IGNORED], ["gcc"]],
  ])("recogniseErrors() takes a failure that make ignores for none: %s", (_, lines, tools) => {
    expect(recogniseErrors(lines).map(({ tool }) => tool)).toEqual(tools);
  });

  test("recogniseErrors() takes any text, each line at most once and in order", () => {
    fc.assert(
      fc.property(fc.array(arbitraryLine), (lines) => {
        const indices = recogniseErrors(lines).map((each) => each.index);
        expect(indices).toStrictEqual([...new Set(indices)].sort((a, b) => a - b));
        expect(indices.every((index) => index >= 0 && index < lines.length)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    "(1",
    ":1",
    "1:1 ",
    " ",
    "a ",
    "[",
    "error: ",
    "at (",
    "a:1:1: ",
    "\u001B[",
    "\u001B]",
    "/a",
    ".py",
    "FAIL ",
    "-",
    "E ",
    "'",
    " at line ",
    "[Error/",
    "✖ ",
    "✗ ",
    "│ ",
    "━",
    "a (a",
    "not ok 1 ",
    "=== RUN ",
    "***Failed ",
    "error[E1]: ",
    " on a line 1",
    " in a.php on line 1",
  ])("recogniseErrors() reads very long lines of %j in time", (piece) => {
    const long = piece.repeat(Math.ceil(200_000 / piece.length));
    const lines = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? `  ${long}` : long));
    const before = process.cpuUsage();
    recogniseErrors(lines);
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1000).toBeLessThan(5_000);
  });
});
