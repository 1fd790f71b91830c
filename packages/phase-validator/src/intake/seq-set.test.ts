import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeqSet } from "./seq-set.ts";

describe("SeqSet", () => {
  test("agrees with a plain set, whatever ranges are added in whatever order", () => {
    const range = fc.record({
      first: fc.integer({ min: 1, max: 40_000 }),
      count: fc.integer({ min: 1, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), (ranges) => {
        const set = new SeqSet();
        const plain = new Set<number>();
        for (const { first, count } of ranges) {
          let repeated: number | undefined;
          for (let seq = first; seq < first + count; seq++) {
            if (plain.has(seq)) repeated ??= seq;
            plain.add(seq);
          }
          expect(set.addRange(first, count)).toBe(repeated);
        }
        const max = Math.max(0, ...ranges.map(({ first, count }) => first + count - 1));
        const missing: number[] = [];
        for (const { first, last } of set.gaps()) {
          for (let seq = first; seq <= last; seq++) missing.push(seq);
        }
        const expected: number[] = [];
        for (let seq = 1; seq <= max; seq++) {
          if (!plain.has(seq)) expected.push(seq);
        }
        expect(missing).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("takes numbers as large as there are", () => {
    const set = new SeqSet();
    expect(set.add(Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(set.add(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect([...set.gaps()]).toEqual([{ first: 1, last: Number.MAX_SAFE_INTEGER - 1 }]);
  });
});
