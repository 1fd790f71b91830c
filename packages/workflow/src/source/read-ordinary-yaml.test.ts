import { unreachable } from "@loom/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { damagedText } from "../../test/damaged-text.ts";
import { fixtureNames, fixtureText } from "../../test/fixture-files.ts";
import { readOrdinaryYaml } from "./read-ordinary-yaml.ts";
import { readAnyYaml } from "./read-yaml.ts";
import { sourceFile, type SourceFile } from "./source-file.ts";
import type { SourceNode } from "./source-node.ts";

/** More with LOOM_FUZZ_RUNS; the seed is fixed, so that a failure can be repeated. */
const RUNS = {
  numRuns: Number(process.env["LOOM_FUZZ_RUNS"] ?? 3_000),
  seed: Number(process.env["LOOM_FUZZ_SEED"] ?? 1),
};

/** What is read, without what is the same for every node; blanks at an end count for nothing. */
function shown(file: SourceFile, node: SourceNode | undefined): unknown {
  if (node === undefined) return undefined;
  const { start, key } = node;
  const place = [key, start, start + file.text.slice(start, node.end).trimEnd().length];
  switch (node.kind) {
    case "list":
      return [place, node.items.map((item) => shown(file, item))];
    case "map":
      return [
        place,
        [...node.entries].map(([name, entry]) => [
          name,
          entry.keyStart,
          entry.keyEnd,
          shown(file, entry.node),
        ]),
      ];
    case "scalar":
      return [place, node.value];
    default:
      return unreachable(node);
  }
}

/** Whether it is ordinary: then both readers have to agree. */
function agree(text: string): boolean {
  const file = sourceFile("w.yml", text, 0);
  const root = readOrdinaryYaml(file);
  if (root === undefined) return false;
  const any = readAnyYaml(file);
  const problems = any.ok ? any.value.problems : any.error;
  const otherRoot = any.ok ? any.value.root : undefined;
  expect({ text, problems, root: shown(file, root) }).toEqual({
    text,
    problems: [],
    root: shown(file, otherRoot),
  });
  return true;
}

test.each(fixtureNames.filter((name) => name.startsWith("real-world/")))("%s is ordinary", (name) => {
  expect(agree(fixtureText(name))).toBe(true);
});

test("both readers agree on every fixture, with any line ends", () => {
  const texts = fixtureNames.map(fixtureText).flatMap((text) => [text, text.replaceAll("\n", "\r\n")]);
  const ordinary = texts.filter(agree);
  expect(ordinary.length).toBeGreaterThan(texts.length / 2);
});

test("both readers agree on fixtures with something cut out, doubled, moved or put in", () => {
  const texts = fixtureNames.map(fixtureText).filter((text) => text.length < 8_000);
  const put = fc.constantFrom(
    ..."\n| |  |:|: |- |-|#| #|[|]|{|}|,|'|\"|\\|'a|>|>-|\n\n|~|null|1|0x1f|0o17|.5|-0|1e3|+1|.inf|?|? |a: b|é|😀|\r\n|&|*|!|%|@|`|---|...".split(
      "|",
    ),
    "|",
    "|-\n",
    "|2\n",
    "",
  );
  let ordinary = 0;
  fc.assert(
    fc.property(damagedText(texts, { put, length: 6, times: 3 }), (text) => {
      if (agree(text)) ordinary += 1;
    }),
    RUNS,
  );
  expect(ordinary).toBeGreaterThan(RUNS.numRuns / 10);
});

test("both readers agree on random pieces of YAML", () => {
  const piece = fc.constantFrom(
    ..."a:|b: |  c:|  d: 1|    e: x y|- |- f|  - g|    - h: i|[|]|{|}|, |j: k|'l'|\"m\"|\"n\\n\"|'o''p'| # q|#r|- - s|>|>-|>+|\\|t\n|? u|: v|null|~|1.5|.inf|-.INF|.nan|1e3|0o7|0xA|-0|12345678901234567890|true|False|NO|2026-01-01|<<: w|---|...|'x|y'"
      .split("|")
      .flatMap((part) => [part, `${part}\n`, `${part} `]),
    "|\n",
    "|-\n  text\n",
    ">2\n   folded\n",
    "\r\n",
    "  ",
  );
  let ordinary = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      if (agree(pieces.join(""))) ordinary += 1;
    }),
    RUNS,
  );
  expect(ordinary).toBeGreaterThan(RUNS.numRuns / 50);
});

test("both readers agree on random lines of YAML", () => {
  const start = fc.constantFrom(
    "- ",
    "a: ",
    "b: ",
    "c: ",
    "'d e': ",
    '"f\\n": ',
    "1: ",
    "- a: ",
    "- - ",
    "- b: ",
    "? ",
    "",
  );
  const value = fc.constantFrom(
    ..."~ null 1.5 .inf -.INF .nan 1e3 0o7 0xA -0 012 12345678901234567890 true False NO 2026-01-01 << --- ... [] {} & * ! % @ - ? :".split(
      " ",
    ),
    "x",
    "x y",
    "x: y",
    "x #y",
    "x # y",
    "x:y",
    "#",
    "# y",
    "é😀",
    "'x",
    "'x'",
    "'x''y'",
    '"x',
    '"x\\ty"',
    '"x\\q"',
    '"x\\',
    "x'y",
    'x"y',
    "[",
    "]",
    "{",
    "}",
    "[x, y]",
    "[x, [y], {a: b}]",
    "[x,]",
    "[,]",
    "[x: y]",
    "{a: b}",
    "{a: , b: c}",
    "{a}",
    "{a: b,}",
    "[x, # y",
    "{a: 'b",
    "x]",
    "x, y",
    "|",
    ">",
    "|-",
    ">-",
    "|+",
    ">+",
    "|2",
    ">1-",
    "| # y",
    "|x",
    "",
    " ",
    "  ",
  );
  const end = fc.constantFrom("\n", "\n", "\n", "\n", "\n", " \n", "\r\n", "\n\n", " # z\n", "# z\n", "");
  const line = fc
    .tuple(fc.constantFrom(0, 0, 0, 2, 2, 4, 1, 3), start, value, end)
    .map(([indent, ...parts]) => " ".repeat(indent) + parts.join(""));
  let ordinary = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      if (agree(lines.join(""))) ordinary += 1;
    }),
    RUNS,
  );
  expect(ordinary).toBeGreaterThan(RUNS.numRuns / 50);
});

test.each([
  ["an anchor", "a: &x 1\n"],
  ["an alias", "a: *x\n"],
  ["a tag", "a: !!str 1\n"],
  ["a directive", "%YAML 1.2\n---\na: 1\n"],
  ["a second document", "a: 1\n---\nb: 1\n"],
  ["a key that is there twice", "a: 1\na: 2\n"],
  ["a key with a question mark", "? a\n: 1\n"],
  ["a tab", "a:\t1\n"],
  ["a key on the last line of a list", "a:\n- {}    b: 1\n"],
  ["a text below a comment", "a:\n# b\n  c\n"],
  ["too much nesting", `a: ${"[".repeat(80)}${"]".repeat(80)}\n`],
  ["nothing", "# nothing\n"],
])("%s is not ordinary", (_, text) => {
  expect(agree(text)).toBe(false);
});
