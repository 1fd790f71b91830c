import fc from "fast-check";
import { expect, test } from "vitest";
import { LiteralFinder } from "./literal-finder.ts";
import { linePattern } from "./line-pattern.ts";
import { requiredLiteral } from "./required-literal.ts";

test.each([
  ["needle", "needle"],
  ["error: .*failed", "error: "],
  ["^(a|b)needle[0-9]+x$", "needle"],
  ["colou?rfully", "rfully"],
  ["ab*cd{0,3}efg+h", "efg"],
  ["a\\.b\\[c", "a.b[c"],
  ["a|b", undefined],
  ["a{b|c}", undefined],
  ["(?i)a", undefined],
  ["\\Qa|b\\E", undefined],
  ["x\\x41", undefined],
  ["[a]]bc", "bc"],
  ["[]a]b", "b"],
  ["[[:alpha:]]b", undefined],
  [".*", undefined],
  ["", undefined],
])("requiredLiteral() knows what stands in all that %s matches", (pattern, literal) => {
  expect(requiredLiteral(pattern)).toBe(literal);
});

test("requiredLiteral() gives nothing that does not stand in what matches, for any pattern", () => {
  const pieces = "a b ab ba . ^ $ | ( ) (?: (?P<n> (?i) [ab] [^a] []a] [ ] * + ? *? {0} {0,1} {2} { } {,1}";
  const escapes = "\\b \\w \\. \\x61 \\Q \\E \\d";
  const piece = fc.constantFrom(...pieces.split(" "), ...escapes.split(" "));
  const pattern = fc.array(piece, { maxLength: 7 }).map((parts) => parts.join(""));
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "A", "B", ".", "{", "}", ",", "1", "]", "|"),
    maxLength: 9,
  });
  let known = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { maxLength: 8 }), fc.boolean(), (source, texts, ignoreCase) => {
      const read = linePattern(source, { ignoreCase });
      if (!read.ok || read.value.literal === undefined) return;
      const { literal } = read.value;
      for (const each of texts.filter((one) => read.value.matches(one))) {
        known += 1;
        expect(ignoreCase ? each.toLowerCase() : each).toContain(literal.toLowerCase());
      }
    }),
    { numRuns: 5000 },
  );
  expect(known).toBeGreaterThan(100);
});

test("LiteralFinder finds in each part of a chunk what a search in the part finds", () => {
  const unit = fc.constantFrom("a", "b", "A", ".", "B");
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit, maxLength: 6 }), { maxLength: 6 }), { maxLength: 3 }),
      fc.string({ unit, minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (chunks, literal, ignoresCase) => {
        const finder = new LiteralFinder(literal, ignoresCase);
        const asKnown = (text: string): string => (ignoresCase ? text.toLowerCase() : text);
        for (const parts of chunks) {
          const chunk = Buffer.from(parts.join("b"));
          let start = 0;
          for (const part of parts) {
            const isThere = asKnown(part).includes(asKnown(literal));
            expect(finder.isWithin(chunk, start, start + part.length)).toBe(isThere);
            start += part.length + 1;
          }
        }
      },
    ),
  );
});
