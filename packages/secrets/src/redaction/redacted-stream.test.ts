import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naiveRedaction } from "../../test/naive-redaction.ts";
import { PatternAutomaton } from "./pattern-automaton.ts";
import { RedactedStream, type RedactionTable } from "./redacted-stream.ts";
import { SkipTable } from "./skip-table.ts";

function tableOf(...texts: string[]): RedactionTable {
  const patterns = texts.map((text) => Buffer.from(text));
  return {
    automaton: new PatternAutomaton(patterns),
    skips: new SkipTable(patterns),
    markers: patterns.map((_, number) => Buffer.from(`<${number}>`)),
  };
}

/** What comes out for each chunk, and at the end. */
function outputs(table: RedactionTable, ...chunks: string[]): string[] {
  const stream = new RedactedStream(table);
  const given = chunks.map((chunk) => Buffer.from(stream.push(Buffer.from(chunk))).toString());
  return [...given, Buffer.from(stream.end()).toString()];
}

describe("push()", () => {
  test("hides a pattern however it is cut", () => {
    const table = tableOf("secret");
    expect(outputs(table, "a secret.")).toEqual(["a <0>.", ""]);
    expect(outputs(table, "a sec", "ret.")).toEqual(["a ", "<0>.", ""]);
    expect(outputs(table, ..."secret".split(""))).toEqual(["", "", "", "", "", "<0>", ""]);
  });

  test("holds back only what could begin a pattern", () => {
    const table = tableOf("secret", "retry");
    expect(outputs(table, "a secre", "l", "sec", "sec")).toEqual(["a ", "secrel", "", "sec", "sec"]);
    expect(outputs(table, "secre", "try", "retr", "yes")).toEqual(["", "<0>", "", "<1>e", "s"]);
  });

  test("gives out a pattern at once where none that is longer could follow", () => {
    expect(outputs(tableOf("secret", "secrets"), "secret", "s")).toEqual(["", "<1>", ""]);
    expect(outputs(tableOf("secret", "secrets"), "secret", "!")).toEqual(["", "<0>!", ""]);
    expect(outputs(tableOf("abca"), "abca", "bca", "b")).toEqual(["<0>", "", "", "b"]);
  });

  test("hides what overlaps together, by the name of the longest that begins first", () => {
    expect(outputs(tableOf("abcd", "cdef"), "abcdef.")).toEqual(["<0>.", ""]);
    expect(outputs(tableOf("abcd", "xabcdy", "cdy-"), "xabcd", "y-.")).toEqual(["", "<1>.", ""]);
    expect(outputs(tableOf("bc", "de", "abcdef"), "abcdef")).toEqual(["<2>", ""]);
    expect(outputs(tableOf("bc", "de", "abcdef"), "abcde", "e")).toEqual(["", "a<0><1>e", ""]);
  });

  test("hides what lies side by side apart", () => {
    expect(outputs(tableOf("abcd", "efgh"), "abcdabcdefgh")).toEqual(["<0><0><1>", ""]);
  });

  test("gives the chunk itself where nothing is hidden or held", () => {
    const chunk = Buffer.from("nothing to see");
    expect(new RedactedStream(tableOf("secret")).push(chunk)).toBe(chunk);
  });

  test("keeps what it holds when the caller uses the memory of the chunk anew", () => {
    const stream = new RedactedStream(tableOf("secret"));
    const chunk = Buffer.from("sec");
    stream.push(chunk);
    chunk.fill("x");
    expect(Buffer.from(stream.push(Buffer.from("!"))).toString()).toBe("sec!");
  });

  test("does as the plain way does, for any patterns, text and cuts", () => {
    const word = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
      fc
        .array(fc.constantFrom(...alphabet.split("")), { minLength, maxLength })
        .map((letters) => letters.join(""));
    const patterns = fc.array(word("ab", 2, 9), { minLength: 1, maxLength: 6 });
    const chunks = fc.array(word("aab-", 0, 12), { maxLength: 12 });
    fc.assert(
      fc.property(patterns, chunks, (texts, cut) => {
        const wanted = naiveRedaction(
          Buffer.from(cut.join("")),
          texts.map((text) => Buffer.from(text)),
          (number) => `<${number}>`,
        ).toString();
        expect(outputs(tableOf(...texts), ...cut).join("")).toBe(wanted);
      }),
      { numRuns: 3000 },
    );
  });
});

test("end() lets the stream be used anew", () => {
  const stream = new RedactedStream(tableOf("secret"));
  stream.push(Buffer.from("sec"));
  expect(Buffer.from(stream.end()).toString()).toBe("sec");
  expect(Buffer.from(stream.push(Buffer.from("ret"))).toString()).toBe("ret");
});

test("skip() never passes a place where a pattern begins", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2, maxLength: 40 }), {
        minLength: 1,
      }),
      fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 60 }),
      (texts, text) => {
        const first = texts.map((one) => text.indexOf(one)).filter((at) => at !== -1);
        const reached = new SkipTable(texts.map((one) => Buffer.from(one))).skip(Buffer.from(text), 0);
        expect(reached).toBeLessThanOrEqual(Math.min(text.length, ...first));
      },
    ),
    { numRuns: 1000 },
  );
});
