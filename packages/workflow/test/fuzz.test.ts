import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { err } from "@loom/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { damagedText } from "./damaged-text.ts";
import { compileWorkflow, decideRules, formatGraph, formatProblem, GRAPH_FORMATS } from "../src/index.ts";

/** More with LOOM_FUZZ_RUNS; others with LOOM_FUZZ_SEED. */
const RUNS = {
  numRuns: Number(process.env["LOOM_FUZZ_RUNS"] ?? 400),
  seed: Number(process.env["LOOM_FUZZ_SEED"] ?? 1),
};

/** Compiles, and judges whatever comes out of it. */
function probe(text: string): void {
  const result = compileWorkflow({ path: "w.yml", text, readInclude: () => err({ code: "not_found" }) });
  if (!result.ok) {
    expect(result.error.length).toBeGreaterThan(0);
    let last = -1;
    for (const problem of result.error) {
      expect(problem.startOffset).toBeGreaterThanOrEqual(last);
      expect(problem.endOffset).toBeGreaterThanOrEqual(problem.startOffset);
      expect(problem.endOffset).toBeLessThanOrEqual(text.length);
      expect(problem.message).toMatch(/^[a-z]/);
      expect(problem.message).not.toMatch(/undefined|\[object|Invalid input|[\n\r]/);
      expect(formatProblem(problem)).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect(structuredClone(problem)).toEqual(problem);
      last = problem.startOffset;
    }
    return;
  }
  const { graph, rules, variables } = result.value;
  for (const format of GRAPH_FORMATS) expect(formatGraph(graph, format).endsWith("\n")).toBe(true);
  const ids = new Set(graph.nodes.map((node) => node.id));
  for (const { from, to } of graph.edges) expect(ids.has(from) && ids.has(to) && from !== to).toBe(true);
  for (const node of graph.nodes) expect(graph.stages).toContain(node.stage);
  expect(typeof decideRules(rules, variables).runs).toBe("boolean");
}

const FIXTURES = join(import.meta.dirname, "fixtures");
const texts = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yml"))
  .map((name) => readFileSync(join(FIXTURES, name), "utf8"))
  .filter((text) => text.length < 8000);

describe("compileWorkflow() answers, whatever it is given:", () => {
  test("random bytes", () => {
    expect.hasAssertions();
    const decoder = new TextDecoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => probe(decoder.decode(bytes))),
      RUNS,
    );
  });

  test("random text, lone surrogates included", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 100 }), (units) =>
        probe(String.fromCharCode(...units)),
      ),
      RUNS,
    );
  });

  test("random pieces of YAML", () => {
    expect.hasAssertions();
    const piece = fc.constantFrom(
      ..."version: v1|stages: [a]|a:|build:|  stage: a|  script:|    - x|  needs: [build]|include:|workflow:|  rules:|    - if: $A|variables:|default:|- |  |[|]|{|}|,|:|: |?|? |&x|*x|!t|!!str|'|\"|\\|#| #||||>|--- |...|%YAML 1.1|null|~|1|.inf|\t|\r|extends: a|<<: *x"
        .split("|")
        .flatMap((part) => [part, `${part}\n`]),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => probe(pieces.join(""))),
      RUNS,
    );
  });

  test("fixtures with something cut out, doubled, swapped or put in", () => {
    expect.hasAssertions();
    const put = fc.oneof(
      fc.constantFrom("", "\n", " ", ": ", "- ", "[", "{", '"', "'", "&a ", "*a", "!", "|"),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(fc.property(damagedText(texts, { put, length: 30, times: 4 }), probe), RUNS);
  });

  test("any values under any keys", () => {
    expect.hasAssertions();
    const key = fc.constantFrom(
      ..."version stages include workflow variables default build .t stage target script extends needs image secrets services cache artifacts runner_pool invariant allow_failure when timeout retry name paths key policy ref rules if local build context args max on A __proto__ constructor".split(
        " ",
      ),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(
          "v1",
          "build",
          ".t",
          "a",
          "",
          "$A",
          "5m",
          "on_success",
          null,
          true,
          0,
          1,
          -1,
          1.5,
          1e300,
        ),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true }), (root) => {
        // JSON is YAML.
        probe(JSON.stringify({ version: "v1", stages: ["build"], ...root }));
      }),
      RUNS,
    );
  });
});

/** Enough for quadratic behaviour to show; the limit for a file is sixteen times as much. */
const LENGTH = 65_536;
const HEAD = "version: v1\nstages: [a]\n";
const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const filled = (piece: string): string => piece.repeat(Math.floor(LENGTH / piece.length));

describe("compileWorkflow() answers in a second or two a large file of", () => {
  test.each<[what: string, text: string]>([
    ...[
      "[",
      "{",
      "- ",
      "? ",
      ": ",
      ":\n",
      '"',
      '""',
      "'",
      "#",
      "\n",
      "\t",
      "\0",
      "&a ",
      "*a\n",
      "!x ",
      "%\n",
    ].map((piece): [string, string] => [JSON.stringify(piece), filled(piece)]),
    ...["---\n", "...\n", "[]", "a\n", "a: b: ", "|\n", "a: 1\n", "\uFEFF", "\r\n", "\ud800"].map(
      (piece): [string, string] => [JSON.stringify(piece), filled(piece)],
    ),
    ["commas in brackets", `a: [${filled(",")}`.slice(0, LENGTH)],
    ["bad escapes", `a: "${filled("\\q")}`.slice(0, LENGTH)],
    ["one scalar", `${HEAD}variables:\n  A: ${filled("x ")}\n`],
    ["one step", `${HEAD}a:\n  stage: a\n  script:\n    - |\n${filled("      x\n")}`],
    ["indentation", many(1400, (index) => `${" ".repeat(index)}a:`)],
    ["unknown keys", `${HEAD}a: {stage: a, script: [x],\n${many(10_000, (index) => `k${index}: 1,`)}}`],
    [
      "unknown needs",
      `${HEAD}${many(800, (index) => `j${index}: {stage: a, script: [x], needs: [${many(40, (need) => `z${index}x${need},`)}]}`)}`,
    ],
    ["unknown stages", `${HEAD}${many(5000, (index) => `j${index}: {stage: zzzzzz${index}, script: [x]}`)}`],
    ["wrong services", `${HEAD}a: {stage: a, script: [x], services: [${filled("{nam: 1}, ")}]}`],
    ["conditions", `${HEAD}workflow: {rules: [{if: '${filled("$A && ")}$A'}]}\na: {stage: a, script: [x]}`],
    ["parentheses", `${HEAD}workflow: {rules: [{if: '${filled("(")}'}]}\na: {stage: a, script: [x]}`],
    [
      "a regular expression",
      `${HEAD}workflow: {rules: [{if: '$A =~ /${filled("(")}${filled(")")}/'}]}\na: {stage: a, script: [x]}`,
    ],
    [
      "a circle of variables",
      `${HEAD}variables:\n${many(15_000, (index) => `  V${index}: $V${(index + 1) % 15_000}`)}\n`,
    ],
    ["references to one variable", `${HEAD}variables:\n  B: x\n  A: ${filled("$B")}\n`],
    [
      "variables for every job",
      `${HEAD}variables:\n${many(12_000, (index) => `  V${index}: x`)}\n${many(4500, (index) => `j${index}: {stage: a, script: [x], variables: {A: b}}`)}`,
    ],
    [
      "a chain of extends",
      `${HEAD}${many(5000, (index) => `j${index}: {stage: a, script: [x], variables: {A${index}: x}${index > 0 ? `, extends: j${index - 1}` : ""}}`)}`,
    ],
    [
      "a circle of extends",
      `${HEAD}${many(5000, (index) => `j${index}: {stage: a, script: [x], extends: j${(index + 1) % 5000}}`)}`,
    ],
    [
      "a circle of needs",
      `${HEAD}${many(5000, (index) => `j${index}: {stage: a, script: [x], needs: [j${(index + 1) % 5000}]}`)}`,
    ],
    [
      "inherited steps",
      `${HEAD}.t: {script: [${many(1000, (index) => `abc${index},`)}]}\n${many(9990, (index) => `j${index}: {stage: a, extends: .t}`)}`,
    ],
  ])("%s", (_what, text) => {
    const started = performance.now();
    const result = compileWorkflow({ path: "w.yml", text });
    if (!result.ok) for (const problem of result.error) formatProblem(problem);
    // Many times what the slowest takes on a quiet machine, since this one may be busy.
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
