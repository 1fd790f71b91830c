import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readYaml } from "../read-yaml.ts";
import { sourceFile } from "../source-file.ts";
import { plainValue } from "../source-node.ts";
import { readPlainYaml } from "./read-plain-yaml.ts";

const plain = (text: string): unknown => {
  const root = readPlainYaml(sourceFile("workflow.yml", text, 0));
  return root === undefined ? undefined : { value: ordered(plainValue(root, false)) };
};

const library = (text: string): unknown => {
  const read = readYaml(sourceFile("workflow.yml", text, 0));
  if (!read.ok || read.value.problems.length > 0) return "problems";
  return { value: ordered(read.value.root === undefined ? null : plainValue(read.value.root, false)) };
};

/** The value with the order of its keys. */
const ordered = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (Object.is(inner, -0) ? "-0" : inner));

describe("readPlainYaml()", () => {
  test.each([
    ["a mapping of scalars", "a: b\nc: 1\nd: true\ne: null\nf:\ng: -7\nh: 90s\ni: 1.2.3\nj: yes\n"],
    ["nested mappings and lists", "a:\n  b:\n    - c\n    - d: e\n      f: g\n  h: i\n"],
    ["a list at the indent of its key", "a:\n- b\n- c: d\n  e:\n  - f\ng: h\n"],
    ["brackets", "a: [b, 'c, d', \"e\", [f], {g: h, i: j}]\nk: []\nl: {}\nm: [n, ]\n"],
    [
      "literal blocks",
      "a:\n  - |\n    one\n      two\n\n    three\n  - |-\n    four\n  - |+\n    five\n\nb: c\n",
    ],
    ["comments", "# one\na: b # two\n  # three\nc: # four\n  - d#e # five\n"],
    ["quotes", "a: 'it''s'\nb: \"x # y\"\nc: '#'\n"],
    [
      "commands",
      'script:\n  - npm run build:prod\n  - echo "$A" > b\n  - [ -f x ] && y\n'.replace(
        "[ -f x ]",
        "test -f x",
      ),
    ],
  ])("reads %s as the library does", (_what, text) => {
    expect(plain(text)).toEqual(library(text));
    expect(plain(text)).not.toBeUndefined();
  });

  test.each([
    ["a tab", "a:\tb\n"],
    ["a carriage return", "a: b\r\n"],
    ["an anchor", "a: &b c\n"],
    ["a tag", "a: !b c\n"],
    ["a folded block", "a: >\n  b\n"],
    ["a continued scalar", "a: b\n  c\n"],
    ["a colon inside", "a: b: c\n"],
    ["an escape", 'a: "\\n"\n'],
    ["a duplicate", "a: b\na: c\n"],
    ["two documents", "a: b\n---\nc: d\n"],
    ["brackets over lines", "a: [b,\n  c]\n"],
    ["a float", "a: 1.5\n"],
    ["nothing", "# nothing\n"],
  ])("leaves %s to the library", (_what, text) => {
    expect(plain(text)).toBeUndefined();
  });

  test("never differs from the library on texts made of its own pieces", () => {
    const piece = fc.constantFrom(
      ..."a b: c: - [ ] { } , : # ' \" | |- |+ > & * ! ? ~ null true 12 0x1 .5 1e3 -x ''".split(" "),
      "\n",
      "\n  ",
      "\n    ",
      "\n\n",
      "\n- ",
      "\n  - ",
      "\n      ",
      " ",
      "  ",
      ": ",
      "- ",
      ", ",
      " #",
      "a: ",
      "\nb: ",
      "\n  c: ",
      "\nd:",
      "|\n    x",
      "é",
      "\u0085",
      "\u2028",
    );
    let read = 0;
    const property = fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join("");
      const quick = plain(text);
      if (quick === undefined) return;
      read += 1;
      expect(quick).toEqual(library(text));
    });
    fc.assert(property, { numRuns: Number(process.env["LOOM_FUZZ_RUNS"] ?? 20_000), seed: 1 });
    expect(read).toBeGreaterThan(100);
  });

  test("never differs from the library on changed fixtures", () => {
    const root = join(import.meta.dirname, "../../../test/fixtures");
    const texts = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yml"))
      .map((name) => readFileSync(join(root, name), "utf8"))
      .filter((text) => text.length < 4000);
    const change = fc.record({
      text: fc.constantFrom(...texts),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      drop: fc.nat(4),
      put: fc.constantFrom(
        "",
        " ",
        "  ",
        "\n",
        "\n  ",
        ":",
        ": ",
        "- ",
        "#",
        " #",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ",",
        "|",
        "x",
      ),
    });
    let read = 0;
    const property = fc.property(change, ({ text, at, drop, put }) => {
      const from = Math.floor(at * text.length);
      const changed = text.slice(0, from) + put + text.slice(from + drop);
      const quick = plain(changed);
      if (quick === undefined) return;
      read += 1;
      expect(quick).toEqual(library(changed));
    });
    fc.assert(property, { numRuns: Number(process.env["LOOM_FUZZ_RUNS"] ?? 5000), seed: 1 });
    expect(read).toBeGreaterThan(500);
  });
});
